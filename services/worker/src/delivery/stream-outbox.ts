import type { Frame, ResultsAck } from "@sluice/protocol";
import { windowFrames } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { fitFrames } from "./fit-frames.ts";
import type { PackSender } from "./pack-sender.ts";

/** Frames of one stream on their way, in order. */
export interface FrameStream {
  /** Sends a frame after what is being read now. */
  push(frame: Frame): void;
  /** Whether another frame may be pushed now; a full stream must be waited for. */
  readonly hasRoom: boolean;
  /** Resolves once everything pushed so far was acknowledged or given up; then there is room again. */
  settled(): Promise<void>;
  /** Whether frames were given up: nobody acknowledged them. */
  readonly isLost: boolean;
}

/** The streams of one model; their frames travel together. */
export interface StreamOutbox {
  /** Opens a stream. @param onGone - called when nobody listens to it any more */
  open(id: string, onGone: () => void): FrameStream;
}

export interface StreamOutboxOptions {
  readonly model: string;
  readonly version: string;
  readonly sender: Pick<PackSender, "send">;
  readonly maxPayloadBytes: () => number;
  readonly clock: Clock;
}

/** Most frames of a stream that wait for an acknowledgement: as many as a reader's window. */
const maxWaiting = windowFrames;

/** A stream with frames to send or on their way. */
interface Sending {
  readonly id: string;
  /** The instance of the results service that took its first frame; "" before. */
  instance: string;
  waiting: Frame[];
  isOnItsWay: boolean;
  isLost: boolean;
  readonly onGone: () => void;
  onSettled: (() => void)[];
}

/**
 * Creates the outbox of a model. All frames of a stream go to the instance of the results service that took the first. For
 * each instance one pack is on its way at a time: what is pushed meanwhile, of all its streams, is the next one.
 */
export function createStreamOutbox(options: StreamOutboxOptions): StreamOutbox {
  const { model, version, sender, maxPayloadBytes, clock } = options;
  const ready = new Set<Sending>();
  const busy = new Set<string>();
  let isDue = false;

  const flushSoon = (): void => {
    if (isDue) return;
    isDue = true;
    clock.afterRead(flush);
  };

  const flush = (): void => {
    isDue = false;
    const groups = new Map<string, Map<string, Sending>>();
    for (const stream of ready) {
      const { instance, id } = stream;
      if (busy.has(instance)) continue;
      const group = groups.get(instance) ?? new Map<string, Sending>();
      groups.set(instance, group);
      // Ids are unique for a caller only, and an acknowledgement names streams by nothing else.
      if (!group.has(id)) group.set(id, stream);
    }
    for (const [instance, group] of groups) {
      busy.add(instance);
      // It never rejects, and whoever pushed waits for it with `settled`.
      void send(instance, [...group.values()]);
    }
  };

  const send = async (instance: string, streams: readonly Sending[]): Promise<void> => {
    const frames = streams.flatMap((stream) => take(stream));
    let taker = instance;
    let isLost = false;
    for (const pack of fitFrames(frames, maxPayloadBytes())) {
      const ack: ResultsAck | undefined = isLost
        ? undefined
        : await sender.send({ model, version, frames: pack }, taker);
      isLost = ack === undefined;
      taker = ack?.instance ?? taker;
      for (const stream of streams) if (ack?.gone.includes(stream.id) === true) stream.onGone();
    }
    busy.delete(instance);
    for (const stream of streams) settle(stream, { instance: taker, isLost });
    if (ready.size > 0) flushSoon();
  };

  const take = (stream: Sending): Frame[] => {
    const frames = stream.waiting;
    stream.waiting = [];
    stream.isOnItsWay = true;
    ready.delete(stream);
    return frames;
  };

  const settle = (stream: Sending, sent: { readonly instance: string; readonly isLost: boolean }): void => {
    stream.isOnItsWay = false;
    stream.instance = sent.instance;
    stream.isLost = sent.isLost;
    if (sent.isLost) stream.waiting = [];
    if (stream.waiting.length > 0) {
      ready.add(stream);
      return;
    }
    const waiting = stream.onSettled;
    stream.onSettled = [];
    for (const resolve of waiting) resolve();
  };

  return {
    open: (id, onGone) => {
      const stream: Sending = {
        id,
        instance: "",
        waiting: [],
        isOnItsWay: false,
        isLost: false,
        onGone,
        onSettled: [],
      };
      return {
        push: (frame) => {
          if (stream.isLost) return;
          stream.waiting.push(frame);
          if (stream.isOnItsWay) return;
          ready.add(stream);
          flushSoon();
        },
        get hasRoom() {
          return stream.waiting.length < maxWaiting;
        },
        settled: async () => {
          if (stream.waiting.length === 0 && !stream.isOnItsWay) return;
          await new Promise<void>((resolve) => stream.onSettled.push(resolve));
        },
        get isLost() {
          return stream.isLost;
        },
      };
    },
  };
}
