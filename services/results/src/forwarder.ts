import type { Message, Messaging } from "@sluice/messaging";
import {
  checkReplySubject,
  decodeResultPack,
  encodeResultsAck,
  type Code,
  type Frame,
  type ResultPack,
} from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { createArrivals, type Arrival, type ReplyGroup } from "./arrivals.ts";
import { createCallers } from "./callers.ts";
import { createOpenStreams, type OpenStreams } from "./open-streams.ts";
import { toReplyPayloads, type ReplyPayload } from "./reply-payloads.ts";
import type { ResultsEvent } from "./results-event.ts";
import { createSeenFrames } from "./seen-frames.ts";

export interface ForwarderOptions {
  /** Token of this replica; workers send later frames of a stream to `results.<instance>`. */
  readonly instance: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: (event: ResultsEvent) => void;
}

/** Passes frames on to whoever waits for them and acknowledges their packs. */
export interface Forwarder extends Disposable {
  /** Takes one result pack. It is passed on, with all that arrives in the same read, once that read is over. */
  take(message: Message): void;
  /** Passes on what was taken, now. */
  flush(): void;
  /** Forgets which frames were passed on: what the lost connection still held has to be sent again. */
  forgetSeen(): void;
  readonly openStreams: Pick<OpenStreams, "count" | "whenEnded">;
}

/**
 * Creates the forwarder. Frames that arrive together for one reply subject leave in one message. Acknowledgements leave after
 * the frames on the same connection, so a worker never sees one before its frames were on their way. A pack with a frame that
 * could not be published is not acknowledged.
 */
export function createForwarder({ instance, messaging, clock, onEvent }: ForwarderOptions): Forwarder {
  const seen = createSeenFrames();
  const callers = createCallers({ messaging, clock });
  const openStreams = createOpenStreams();
  const arrivals = createArrivals();
  let unacknowledged: Arrival[] = [];
  let scheduledFlush: Disposable | undefined;

  const take = (message: Message): void => {
    let pack: ResultPack;
    try {
      pack = decodeResultPack(message.payload);
    } catch (err) {
      onEvent({ type: "packRefused", err });
      return;
    }
    const nowMs = clock.monotonicMs();
    const arrival = { ackSubject: message.reply, receivedMs: nowMs, streamed: [], hasFailed: false };
    collect(pack, arrival);
    unacknowledged.push(arrival);
    scheduledFlush ??= clock.afterRead(flush);
  };

  const collect = (pack: ResultPack, arrival: Arrival): void => {
    let duplicateCount = 0;
    let malformedCount = 0;
    for (const frame of pack.frames) {
      if (!checkReplySubject(frame.reply, frame.tenant)) {
        malformedCount++;
        continue;
      }
      if (!frame.final) arrival.streamed.push(frame);
      if (seen.add(frame, arrival.receivedMs)) arrivals.add(frame, { pack, arrival });
      else duplicateCount++;
    }
    const { worker, model } = pack;
    onEvent({
      type: "packTaken",
      worker,
      model,
      frameCount: pack.frames.length,
      duplicateCount,
      malformedCount,
    });
  };

  const flush = (): void => {
    scheduledFlush?.[Symbol.dispose]();
    scheduledFlush = undefined;
    for (const group of arrivals.take()) forward(group);
    const acknowledged = unacknowledged;
    unacknowledged = [];
    for (const arrival of acknowledged) acknowledge(arrival);
  };

  const forward = (group: ReplyGroup): void => {
    try {
      const { payloads, tooLarge } = toReplyPayloads(group, messaging.maxPayloadBytes);
      if (tooLarge.length > 0) onEvent({ type: "framesTooLarge", frameCount: tooLarge.length });
      for (const payload of payloads) publish(group.reply, payload);
    } catch (err) {
      for (const frame of group.frames) seen.forget(frame);
      for (const arrival of group.arrivals) arrival.hasFailed = true;
      onEvent({ type: "publishFailed", frameCount: group.frames.length, err });
    }
  };

  const publish = (reply: string, { payload, isJson, frames }: ReplyPayload): void => {
    if (isJson) messaging.publish(reply, payload, { headers: { "Content-Type": "application/json" } });
    else if (frames.some((frame) => !frame.final)) callers.publish(reply, payload);
    else messaging.publish(reply, payload);
    for (const frame of frames) openStreams.follow(frame);
    onEvent({ type: "framesPublished", frameCount: frames.length, codes: countCodes(frames) });
  };

  const acknowledge = ({ ackSubject, receivedMs, streamed, hasFailed }: Arrival): void => {
    if (ackSubject === "" || hasFailed) return;
    const withoutReader = streamed.filter((frame) => callers.isGone(frame.reply));
    for (const frame of withoutReader) openStreams.end(frame);
    const gone = [...new Set(withoutReader.map((frame) => frame.id))];
    try {
      messaging.publish(ackSubject, encodeResultsAck({ instance, gone }));
    } catch (err) {
      onEvent({ type: "publishFailed", frameCount: 0, err });
      return;
    }
    onEvent({ type: "packAcknowledged", ackMs: clock.monotonicMs() - receivedMs, goneCount: gone.length });
  };

  return {
    take,
    flush,
    forgetSeen: () => seen.clear(),
    openStreams,
    [Symbol.dispose]() {
      scheduledFlush?.[Symbol.dispose]();
      callers[Symbol.dispose]();
    },
  };
}

function countCodes(frames: readonly Frame[]): ReadonlyMap<Code, number> {
  const codes = new Map<Code, number>();
  for (const { code } of frames) codes.set(code, (codes.get(code) ?? 0) + 1);
  return codes;
}
