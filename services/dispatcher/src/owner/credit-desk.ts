import type { Message, Messaging } from "@sluice/messaging";
import { decodeCredit, encodeCreditAnswer, type Credit } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { OnDispatcherEvent } from "../event.ts";
import type { Batches } from "./batches.ts";
import type { Credits } from "./credits.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Reports } from "./reports.ts";

/** Takes the messages of `credit.<pool>`. */
export interface CreditDesk {
  take(message: Message): void;
  /** Answers every waiting credit `moved`. */
  move(): void;
}

export interface CreditDeskOptions {
  readonly pool: string;
  readonly batches: Batches;
  readonly credits: Credits;
  readonly reports: Reports;
  readonly dispatch: Dispatch;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly onEvent: OnDispatcherEvent;
  readonly epoch: () => number;
  /** Whether the epoch is known: a successor that only queues has none yet, and whatever a worker knows is right. */
  readonly knowsEpoch: () => boolean;
  /** A worker knows a newer epoch of the pool than this owner has. */
  readonly onNewerEpoch: () => void;
}

export function createCreditDesk(options: CreditDeskOptions): CreditDesk {
  const { batches, credits, reports, dispatch, messaging, clock, onEvent } = options;

  const read = (message: Message): Credit | undefined => {
    try {
      return decodeCredit(message.payload);
    } catch (error) {
      onEvent({ type: "malformedMessage", subject: message.subject, error });
      return undefined;
    }
  };

  return {
    take: (message) => {
      const credit = read(message);
      if (credit === undefined) return;
      if (options.knowsEpoch() && credit.epoch > options.epoch()) {
        options.onNewerEpoch();
        return;
      }
      const nowMs = clock.monotonicMs();
      if (credit.openRuns !== undefined) reports.openRuns(credit.worker, credit.openRuns, nowMs);
      reports.done(credit.worker, credit.done);
      const wantsBatch = credit.capacity > 0 && credit.models.length > 0;
      if (!wantsBatch) credits.remove(credit.creditId);
      // A repetition that crossed its batch is answered already.
      else if (!batches.answers(credit.creditId)) {
        credits.add({ credit, reply: message.reply, receivedMs: nowMs, freeAtMs: nowMs + credit.freeInMs });
      }
      dispatch.soon();
    },
    move: () => {
      const answer = encodeCreditAnswer({ status: "moved", epoch: options.epoch(), message: "" });
      for (const { reply } of credits.clear()) {
        if (reply === "") continue;
        try {
          messaging.publish(reply, answer);
        } catch (error) {
          // The worker sends the credit again anyway.
          onEvent({ type: "answerFailed", pool: options.pool, error });
        }
      }
    },
  };
}
