import { InferenceError } from "@sluice/protocol";
import type { OnDispatcherEvent, RequeueReason } from "../event.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Run } from "./batches.ts";
import type { Replies } from "./replies.ts";
import type { WaitingEntry } from "./waiting.ts";

/** Decides what becomes of requests whose run did not end them. */
export interface Retry {
  /**
   * Puts runs of `batch`, which has ended, back to their place in the queue.
   *
   * | reason | attempt | batch size |
   * |---|---|---|
   * | `noResponders`, `refused`, `returned`, `unsent`: it never ran | same | same |
   * | `failed`, `batchLost`, `workerLost`: it may have been the cause | + 1 | at most half of this batch's, so that it does not take its mates along |
   *
   * After `maxAttempts` a request is answered `internal` and is a dead letter; one that was given up is answered `canceled`.
   */
  giveBack(batch: Batch, reason: RequeueReason, runs?: Iterable<Run>): void;
}

export interface RetryOptions {
  readonly pool: string;
  readonly backlog: Backlog;
  readonly replies: Replies;
  readonly maxAttempts: number;
  readonly onEvent: OnDispatcherEvent;
}

const attemptReasons: ReadonlySet<RequeueReason> = new Set(["failed", "batchLost", "workerLost"]);

export function createRetry({ pool, backlog, replies, maxAttempts, onEvent }: RetryOptions): Retry {
  const deadLetter = (entry: WaitingEntry, attempt: number): void => {
    const message = `the request failed ${attempt} times, the last time with its worker or its batch`;
    replies.refuseEntry(entry, new InferenceError("internal", message));
    const { model, tenant } = entry;
    onEvent({
      type: "requestDeadLettered",
      pool,
      model,
      tenant,
      requestId: entry.request.request.id,
      attempt,
    });
  };

  /** Whether the request waits again. */
  const giveBackRun = (run: Run, isAttempt: boolean, maxBatchItems: number): boolean => {
    const { entry } = run;
    if (entry === undefined || backlog.has(entry.key)) return false;
    if (run.isCanceled) {
      replies.refuseEntry(entry, new InferenceError("canceled", "the caller gave the request up"));
      return false;
    }
    if (!isAttempt) {
      backlog.add(entry);
      return true;
    }
    const attempt = run.attempt + 1;
    if (attempt >= maxAttempts) {
      deadLetter(entry, attempt);
      return false;
    }
    backlog.add({
      ...entry,
      maxBatchItems: Math.min(entry.maxBatchItems, maxBatchItems),
      request: { ...entry.request, attempt },
    });
    return true;
  };

  return {
    giveBack: (batch, reason, runs = batch.runs.values()) => {
      const isAttempt = attemptReasons.has(reason);
      const halfItems = Math.max(1, Math.floor(batch.items / 2));
      let count = 0;
      for (const run of runs) if (giveBackRun(run, isAttempt, halfItems)) count += 1;
      if (count === 0) return;
      const { model, worker, batchId } = batch;
      onEvent({ type: "requestsRequeued", pool, model, worker, batchId, reason, count });
    },
  };
}
