import { messagingErrors, type Messaging } from "@sluice/messaging";
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
import { createResultsChoice } from "./results-choice.ts";

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
  /** Packs on their way; the worker asks for no more work while there are too many. */
  readonly pendingCount: number;
  /**
   * Resolves with the acknowledgement, or with `undefined` when none came within 10 s, or the pack is larger than a message may be
   * by now. Never rejects.
   * @param instance - the instance that took the stream's first frames; "" for any. When it is gone, any other is asked.
   */
  send(pack: ResultFrames, instance: string): Promise<ResultsAck | undefined>;
}

export interface PackSenderOptions {
  readonly worker: string;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called when a pack is no longer on its way. */
  readonly onSettled: () => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Creates the sender. */
export function createPackSender(options: PackSenderOptions): PackSender {
  const { worker, messaging, clock, log, onSettled, onEvent } = options;
  const choice = createResultsChoice();
  let pendingCount = 0;

  /** Waits as long as makes sense after a pack was not acknowledged. */
  const noteFailure = async (subject: string, error: unknown): Promise<void> => {
    const { code } = InferenceError.from(error);
    log.debug("results not acknowledged", { subject, code });
    if (code !== "deadlineExceeded") await clock.sleep(absentDelayMs);
  };

  const settle = (event: WorkerEvent): void => {
    pendingCount -= 1;
    onEvent(event);
    onSettled();
  };

  return {
    get pendingCount() {
      return pendingCount;
    },
    send: async ({ model, version, frames }, instance) => {
      pendingCount += 1;
      const frameCount = frames.length;
      onEvent({ type: "packSent", frameCount });
      const payload = encodeResultPack({ worker, packId: createId(), model, version, frames });
      const startedMs = clock.monotonicMs();
      let sentMs = startedMs;
      let taker = instance === "" ? choice.instance(startedMs) : instance;
      for (let attemptCount = 1; sentMs - startedMs < giveUpMs; attemptCount++) {
        let ack: ResultsAck | undefined;
        const subject = taker === "" ? subjects.results() : subjects.resultsInstance(taker);
        try {
          // What is published without a connection waits for it, and nobody would listen to the answers by then.
          if (!messaging.isConnected) throw messagingErrors.disconnected();
          const answer = await messaging.request(subject, payload, { timeoutMs: resultsAckTimeoutMs });
          ack = decodeResultsAck(answer.payload);
          choice.answered(ack.instance, clock.monotonicMs());
        } catch (error) {
          if (isTooLarge(error)) break;
          choice.unanswered({ instance: taker, sentMs }, clock.monotonicMs());
          await noteFailure(subject, error);
        }
        if (ack !== undefined) {
          settle({ type: "packDelivered", frameCount, attemptCount });
          return ack;
        }
        sentMs = clock.monotonicMs();
        taker = choice.instance(sentMs);
      }
      settle({ type: "packLost", frameCount });
      return undefined;
    },
  };
}

/** Whether the connection has come back to a server that takes no message of this size. */
function isTooLarge(error: unknown): boolean {
  return InferenceError.from(error).code === "resourceExhausted";
}
