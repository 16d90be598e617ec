import { createRefusal } from "@sluice/protocol";
import type { OnDispatcherEvent, RequeueReason } from "../event.ts";
import type { Backlog } from "./backlog.ts";
import { isLastAttempt, openAgain, type OpenRequest, type Run, type Batch } from "./open-request.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Replies } from "./replies.ts";

/** Decides what becomes of requests whose run did not end them. */
export interface Retry {
  /**
   * Puts runs of `batch`, which has ended, back to their place in the queue.
   *
   * | reason | attempt | batch size |
   * |---|---|---|
   * | `noResponders`, `refused`, `returned`, `unsent`: it never ran | same | same |
   * | `failed`, `batchLost`, `workerLost`: it may have been the cause | + 1 | at most half of this batch's; on the last attempt alone on its worker |
   *
   * A lost worker counts an attempt for all it held, in whatever batch, since nobody knows which of them it ran. Yet a request
   * that fails whatever runs it, or ends its worker, takes nobody along: it has its last attempt alone on a worker, and so have
   * they, see `LastAttempts`.
   *
   * After `maxAttempts` a request is answered `internal` and is a dead letter; one that was given up is answered `canceled`.
   */
  giveBack(batch: Batch, reason: RequeueReason, runs?: Iterable<Run>): void;
}

export interface RetryOptions {
  readonly pool: string;
  readonly backlog: Backlog;
  readonly openRuns: OpenRuns;
  readonly replies: Replies;
  readonly maxAttempts: number;
  readonly onEvent: OnDispatcherEvent;
}

const attemptReasons: ReadonlySet<RequeueReason> = new Set(["failed", "batchLost", "workerLost"]);

export function createRetry(options: RetryOptions): Retry {
  const { pool, backlog, openRuns, replies, maxAttempts, onEvent } = options;

  const deadLetter = (request: OpenRequest, attempt: number): void => {
    const message = `the request failed ${attempt} times, the last time with its worker or its batch`;
    replies.refuseRequest(request, createRefusal("internal", message));
    const { model, tenant, id: requestId } = request;
    onEvent({ type: "requestDeadLettered", pool, model, tenant, requestId, attempt });
  };

  /** Whether the request waits again. */
  const giveBackRun = (run: Run, isAttempt: boolean, maxBatchItems: number): boolean => {
    if (run.kind === "listed") return false;
    backlog.settle(run, 0);
    if (openRuns.find(run.reply, run.id) !== undefined) return false;
    if (run.isCanceled) {
      replies.refuseRequest(run, createRefusal("canceled", "the caller gave the request up"));
      return false;
    }
    if (!isAttempt) {
      backlog.add(openAgain(run, run));
      return true;
    }
    const attempt = run.attempt + 1;
    if (attempt >= maxAttempts) {
      deadLetter(run, attempt);
      return false;
    }
    run.maxBatchItems = Math.min(run.maxBatchItems, maxBatchItems);
    const runsAlone = isLastAttempt(attempt, maxAttempts);
    backlog.add(openAgain(run, { attempt, runsAlone, isCanceled: false }));
    return true;
  };

  return {
    giveBack: (batch, reason, runs = batch.runs) => {
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
