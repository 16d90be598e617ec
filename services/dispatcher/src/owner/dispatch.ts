import type { Message, Messaging } from "@sluice/messaging";
import { decodeWorkRefusal, encodeWorkBatch, InferenceError, subjects, type Credit } from "@sluice/protocol";
import { createId, type Clock } from "@sluice/runtime";
import type { BatchAsk, BatchLimits } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { AnswerDelay } from "./answer-delay.ts";
import type { Backlog, NextBatch } from "./backlog.ts";
import type { BatchForming } from "./batch-forming.ts";
import type { Batches } from "./batches.ts";
import type { Credits, WaitingCredit } from "./credits.ts";
import type { LastAttempts } from "./last-attempts.ts";
import type { Replies } from "./replies.ts";
import type { Retry } from "./retry.ts";
import { stampQueuedMs, type OpenRequest, type Batch } from "./open-request.ts";

/** Matches waiting credits with waiting requests. */
export interface Dispatch {
  /** Matches after the read that goes on, once, so that what arrives together runs together. */
  soon(): void;
}

export interface DispatchOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly forming: Pick<BatchForming, "mostItems">;
  readonly batches: Batches;
  readonly credits: Credits;
  readonly lastAttempts: LastAttempts;
  readonly answerDelay: AnswerDelay;
  readonly replies: Replies;
  readonly retry: Retry;
  readonly messaging: Messaging;
  readonly clock: Clock;
  /** Most bytes of the requests in one batch. */
  readonly maxBatchBytes: number;
  readonly onEvent: OnDispatcherEvent;
  readonly epoch: () => number;
  /** Whether credits may be answered now. */
  readonly mayGrant: () => boolean;
  /** A worker would not run a batch: perhaps it knows a newer owner. */
  readonly onRefused: () => void;
}

export function createDispatch(options: DispatchOptions): Dispatch {
  const {
    roster,
    backlog,
    forming,
    batches,
    credits,
    lastAttempts,
    answerDelay,
    replies,
    retry,
    messaging,
    clock,
    onEvent,
  } = options;
  const { pool } = roster;
  /** Random once, counted on: a random id for every batch costs more than the batch. */
  const batchPrefix = createId();
  let batchCount = 0;
  let isDue = false;

  const nextBatchId = (): string => {
    batchCount += 1;
    return `${batchPrefix}-${batchCount}`;
  };

  const mayRun = (model: string, { worker }: Credit, nowMs: number): boolean =>
    roster.serves(worker, model) && forming.mostItems(model, nowMs) > 0;

  const limitsOf = (credit: Credit, nowMs: number): BatchLimits => ({
    models: credit.models.filter((model) => mayRun(model, credit, nowMs)),
    maxItems: (model) =>
      Math.min(credit.capacity, roster.signature(model)?.maxBatchSize ?? 0, forming.mostItems(model, nowMs)),
    maxBytes: options.maxBatchBytes,
    alone: false,
  });

  const askOf = ({ credit, freeAtMs }: WaitingCredit, nowMs: number): BatchAsk => ({
    worker: credit.worker,
    limits: limitsOf(credit, nowMs),
    maxTokens: (model) => roster.signature(model)?.maxBatchTokens ?? Infinity,
    freeAtMs,
    overheadMs: answerDelay.ms(),
    profile: (model) => roster.latency(credit.worker, model),
    fastest: roster.fastest,
  });

  const onAnswer = (batchId: string, message: Message): void => {
    const batch = batches.end(batchId);
    if (batch === undefined) return;
    credits.removeWorker(batch.worker);
    if (message.isNoResponders) {
      retry.giveBack(batch, "noResponders");
    } else {
      retry.giveBack(batch, "refused");
      onEvent({ type: "batchRefused", pool, worker: batch.worker, reason: refusalReason(message) });
      options.onRefused();
    }
    soon();
  };

  /** The batch could not be published, or not once the connection was back. It is cut smaller; a single request that does not fit is refused. */
  const onUnsent = (batch: Batch, requests: readonly OpenRequest[], error: InferenceError): void => {
    if (batches.end(batch.batchId) === undefined) return;
    const [only, ...others] = requests;
    if (error.code === "resourceExhausted" && only !== undefined) {
      if (others.length === 0) {
        backlog.settle(only, 0);
        replies.refuseRequest(only, error);
        return;
      }
      for (const request of requests) request.maxBatchItems = 1;
    }
    retry.giveBack(batch, "unsent");
  };

  const send = (batch: Batch, { next: { entries: requests, reason }, waiting }: BatchParts): void => {
    const { batchId, creditId, worker, model, sentAtMs } = batch;
    for (const request of requests) stampQueuedMs(request, sentAtMs);
    const epoch = options.epoch();
    const isReportAwaited = backlog.nearsLimit(requests);
    try {
      // There is one for each batch: no spread, see CONTRIBUTING.
      const payload = encodeWorkBatch({
        kind: "batch",
        batchId,
        creditId,
        pool,
        model,
        epoch,
        isReportAwaited,
        heldMs: sentAtMs - waiting.receivedMs,
        requests,
      });
      batch.answers = messaging.publishWithReply(subjects.work(model, worker), payload, {
        onReply: (message) => onAnswer(batchId, message),
        onUnsent: (error) => onUnsent(batch, requests, error),
      });
    } catch (error) {
      onUnsent(batch, requests, InferenceError.from(error));
      return;
    }
    const { items } = batch;
    const requestCount = requests.length;
    onEvent({ type: "batchSent", pool, model, worker, batchId, requestCount, items, reason });
  };

  const dispatch = (): void => {
    isDue = false;
    if (backlog.size() === 0 || !options.mayGrant()) return;
    const nowMs = clock.monotonicMs();
    for (const waiting of credits.inOrder(nowMs)) {
      if (backlog.size() === 0) return;
      const next = lastAttempts.next(askOf(waiting, nowMs), nowMs);
      if (next.entries.length === 0) {
        if (next.late.length > 0) answerDelay.refused(nowMs);
        continue;
      }
      credits.remove(waiting.credit.creditId);
      const parts = { batchId: nextBatchId(), waiting, next, nowMs };
      const batch = toBatch(parts);
      batches.add(batch);
      send(batch, parts);
    }
  };

  const soon = (): void => {
    if (isDue || backlog.size() === 0) return;
    isDue = true;
    clock.afterRead(dispatch);
  };

  return { soon };
}

interface BatchParts {
  readonly batchId: string;
  readonly waiting: WaitingCredit;
  readonly next: NextBatch;
  readonly nowMs: number;
}

function toBatch({ batchId, waiting, next, nowMs }: BatchParts): Batch {
  const { credit, freeAtMs } = waiting;
  let items = 0;
  for (const request of next.entries) items += request.items;
  return {
    batchId,
    creditId: credit.creditId,
    worker: credit.worker,
    model: next.entries[0]?.model ?? "",
    items,
    sentAtMs: nowMs,
    plan: { reason: next.reason, predictedMs: next.predictedMs, startsAtMs: Math.max(nowMs, freeAtMs) },
    runs: [...next.entries],
    listedAtMs: undefined,
    answers: undefined,
  };
}

function refusalReason(message: Message): string {
  try {
    return decodeWorkRefusal(message.payload).reason;
  } catch {
    // Any answer to a batch is a refusal; the reason is for people.
    return "unreadable refusal";
  }
}
