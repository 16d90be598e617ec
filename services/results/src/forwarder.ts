import type { Message, Messaging } from "@sluice/messaging";
import {
  cellAt,
  cellsAt,
  checkReplySubject,
  decodeResultPack,
  encodeResultsAck,
  readRoutes,
  type Code,
  type Frame,
  type ReplyPack,
  type Route,
  type RoutedPack,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createCallers } from "./callers.ts";
import { createOpenStreams, type OpenStreams } from "./open-streams.ts";
import { toReplyPayloads } from "./reply-payloads.ts";
import type { ResultsEvent } from "./results-event.ts";
import { createSeenPacks } from "./seen-packs.ts";

export interface ForwarderOptions {
  /** Token of this replica; workers send later frames of a stream to `results.<instance>`. */
  readonly instance: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: (event: ResultsEvent) => void;
}

const jsonOptions = { headers: { "Content-Type": "application/json" } };

/** Passes frames on to whoever waits for them and acknowledges their packs. */
export interface Forwarder extends Disposable {
  /** Passes one result pack on. */
  take(message: Message): void;
  /** Forgets which packs were passed on: what the lost connection still held has to be sent again. */
  forgetSeen(): void;
  readonly openStreams: Pick<OpenStreams, "count" | "whenQuiet">;
}

/** A pack on its way to its callers. */
interface Arrival {
  readonly pack: RoutedPack;
  /** Its routes without those whose reply subject nobody may be answered on. */
  readonly routes: readonly Route[];
  /** Its frames, if one of its routes cannot go as it is; otherwise none. */
  readonly frames: readonly Frame[];
  readonly receivedMs: number;
}

/**
 * Creates the forwarder. The frames of a pack for one reply subject leave in one message; the acknowledgement follows them on
 * the same connection, so a worker never sees it before its frames were on their way. A pack with a frame that could not be
 * published is not acknowledged, so all of it comes again.
 */
export function createForwarder({ instance, messaging, clock, onEvent }: ForwarderOptions): Forwarder {
  const seen = createSeenPacks();
  const callers = createCallers({ messaging, clock });
  const openStreams = createOpenStreams(clock);
  const usualAck = encodeResultsAck({ instance, gone: [] });

  const take = (message: Message): void => {
    let arrival: Arrival;
    try {
      arrival = read(message.payload);
    } catch (err) {
      onEvent({ type: "packRefused", err });
      return;
    }
    const { pack, routes, receivedMs } = arrival;
    const isNew = seen.add(pack, receivedMs);
    onEvent({
      type: "packTaken",
      worker: pack.worker,
      model: pack.model,
      frameCount: pack.frameCount,
      duplicateCount: isNew ? 0 : pack.frameCount,
      malformedCount: pack.frameCount - countFrames(routes),
    });
    if (!isNew || forward(arrival)) acknowledge(arrival, message.reply);
    else seen.forget(pack);
  };

  const read = (payload: Uint8Array): Arrival => {
    const pack = readRoutes(payload);
    const routes = pack.routes.filter(({ reply, tenant }) => checkReplySubject(reply, tenant));
    const frames = routes.every(goesAsItIs) ? [] : decodeResultPack(payload).frames;
    return { pack, routes, frames, receivedMs: clock.monotonicMs() };
  };

  const goesAsItIs = ({ accept, payload }: Route): boolean =>
    accept === "msgpack" && payload.byteLength <= messaging.maxPayloadBytes;

  /** Returns whether everything was published. */
  const forward = ({ pack, routes, frames }: Arrival): boolean => {
    const { model, version } = pack;
    const codes = new Map<Code, number>();
    let failedCount = 0;
    for (const route of routes) {
      try {
        if (goesAsItIs(route)) publishUnopened(pack, route, codes);
        else publishFrames(route.reply, { model, version, frames: cellsAt(frames, route.rows) }, codes);
      } catch (err) {
        failedCount += route.rows.length;
        onEvent({ type: "publishFailed", frameCount: route.rows.length, err });
      }
    }
    onEvent({ type: "framesPublished", frameCount: countFrames(routes) - failedCount, codes });
    return failedCount === 0;
  };

  const publishUnopened = (pack: RoutedPack, route: Route, codes: Map<Code, number>): void => {
    const { reply, rows, payload } = route;
    if (rows.every((row) => cellAt(pack.final, row))) messaging.publish(reply, payload);
    else callers.publish(reply, payload);
    for (const row of rows) {
      openStreams.follow({ reply, id: cellAt(pack.id, row), final: cellAt(pack.final, row) });
      count(codes, cellAt(pack.code, row));
    }
  };

  const publishFrames = (reply: string, group: ReplyPack, codes: Map<Code, number>): void => {
    const { payloads, tooLarge } = toReplyPayloads(group, messaging.maxPayloadBytes);
    if (tooLarge.length > 0) onEvent({ type: "framesTooLarge", frameCount: tooLarge.length });
    for (const { payload, isJson, frames } of payloads) {
      const options = isJson ? jsonOptions : {};
      if (frames.some((frame) => !frame.final)) callers.publish(reply, payload, options);
      else messaging.publish(reply, payload, options);
      for (const frame of frames) {
        openStreams.follow(frame);
        count(codes, frame.code);
      }
    }
  };

  const acknowledge = ({ pack, routes, receivedMs }: Arrival, ackSubject: string): void => {
    if (ackSubject === "") return;
    const gone = pack.final.values.every(Boolean) ? [] : endWithoutReader(pack, routes);
    try {
      messaging.publish(ackSubject, gone.length === 0 ? usualAck : encodeResultsAck({ instance, gone }));
    } catch (err) {
      onEvent({ type: "publishFailed", frameCount: 0, err });
      return;
    }
    onEvent({ type: "packAcknowledged", ackMs: clock.monotonicMs() - receivedMs, goneCount: gone.length });
  };

  /** Ids of the pack's streams that nobody listens to any more. */
  const endWithoutReader = (pack: RoutedPack, routes: readonly Route[]): readonly string[] => {
    const gone = new Set<string>();
    for (const { reply, rows } of routes) {
      const goneMs = callers.goneMs(reply);
      if (goneMs === undefined) continue;
      for (const row of rows) {
        if (cellAt(pack.final, row)) continue;
        const id = cellAt(pack.id, row);
        // A stream that began later is of a caller that has come back.
        if (openStreams.beganMs({ reply, id }) > goneMs) continue;
        openStreams.end({ reply, id });
        gone.add(id);
      }
    }
    return [...gone];
  };

  return {
    take,
    forgetSeen: () => seen.clear(),
    openStreams,
    [Symbol.dispose]: () => callers[Symbol.dispose](),
  };
}

function countFrames(routes: readonly Route[]): number {
  let total = 0;
  for (const { rows } of routes) total += rows.length;
  return total;
}

function count(codes: Map<Code, number>, code: Code): void {
  codes.set(code, (codes.get(code) ?? 0) + 1);
}
