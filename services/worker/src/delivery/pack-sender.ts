import type { Messaging } from "@sluice/messaging";
import type { Frame, ResultsAck } from "@sluice/protocol";
import {
  decodeResultsAck,
  encodeResultPack,
  InferenceError,
  resultsAckTimeoutMs,
  subjects,
} from "@sluice/protocol";
import { createId, type Clock, type Logger } from "@sluice/runtime";

import type { WorkerEvent } from "../worker-event.ts";

/** How long frames are sent again and again, in milliseconds; longer than a results service takes to come back. */
const giveUpMs = 10_000;

/** Wait before the next attempt while no results service is there, in milliseconds. */
const absentDelayMs = 50;

/** Frames of one model that fit one message. */
export interface ResultFrames {
  readonly model: string;
  readonly version: string;
  readonly frames: readonly Frame[];
}

/** Sends packs to the results service until it acknowledges them. */
export interface PackSender {
  /**
   * Resolves with the acknowledgement, or with `undefined` when none came within 10 s. Never rejects.
   * @param instance - the instance that took the stream's first frames; "" for any. When it is gone, any other is asked.
   */
  send(pack: ResultFrames, instance: string): Promise<ResultsAck | undefined>;
}

export interface PackSenderOptions {
  readonly worker: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told how long a pack and its first acknowledgement took. */
  readonly onRoundTrip: (ms: number) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Creates the sender. */
export function createPackSender(options: PackSenderOptions): PackSender {
  const { worker, messaging, clock, log, onRoundTrip, onEvent } = options;

  /** Asks once; a silent or absent service gives `undefined`. */
  const ask = async (subject: string, payload: Uint8Array): Promise<ResultsAck | undefined> => {
    const sentMs = clock.monotonicMs();
    try {
      const answer = await messaging.request(subject, payload, { timeoutMs: resultsAckTimeoutMs });
      const ack = decodeResultsAck(answer.payload);
      onRoundTrip(clock.monotonicMs() - sentMs);
      return ack;
    } catch (error) {
      const { code } = InferenceError.from(error);
      log.debug("results not acknowledged", { subject, code });
      if (code !== "deadlineExceeded") await clock.sleep(absentDelayMs);
      return undefined;
    }
  };

  return {
    send: async ({ model, version, frames }, instance) => {
      onEvent({ type: "packSent", frameCount: frames.length });
      const payload = encodeResultPack({ worker, packId: createId(), model, version, frames });
      const startedMs = clock.monotonicMs();
      let subject = instance === "" ? subjects.results() : subjects.resultsInstance(instance);
      for (let attemptCount = 1; clock.monotonicMs() - startedMs < giveUpMs; attemptCount++) {
        const ack = await ask(subject, payload);
        if (ack !== undefined) {
          onEvent({ type: "packDelivered", frameCount: frames.length, attemptCount });
          return ack;
        }
        subject = subjects.results();
      }
      onEvent({ type: "packLost", frameCount: frames.length });
      return undefined;
    },
  };
}
