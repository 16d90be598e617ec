import type { Message, Messaging } from "@sluice/messaging";
import { decodeWorkRefusal, encodeWorkBatch, InferenceError, subjects, type Credit } from "@sluice/protocol";
import { createId, type Clock } from "@sluice/runtime";
import type { BatchLimits } from "@sluice/scheduling";
import type { OnDispatcherEvent } from "../event.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import type { Batch, Batches, Run } from "./batches.ts";
import type { Credits } from "./credits.ts";
import type { Replies } from "./replies.ts";
import type { Retry } from "./retry.ts";
import { toAdmittedRequest, type WaitingEntry } from "./waiting.ts";

/** Matches waiting credits with waiting requests. */
export interface Dispatch {
  /** Matches after the read that goes on, once, so that what arrives together runs together. */
  soon(): void;
}

export interface DispatchOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly batches: Batches;
  readonly credits: Credits;
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
  const { roster, backlog, batches, credits, replies, retry, messaging, clock, onEvent } = options;
  const { pool } = roster;
  /** Random once, counted on: a random id for every batch costs more than the batch. */
  const batchPrefix = createId();
  let batchCount = 0;
  let isDue = false;

  const nextBatchId = (): string => {
    batchCount += 1;
    return `${batchPrefix}-${batchCount}`;
  };

  const limitsOf = (credit: Credit): BatchLimits => ({
    models: credit.models.filter((model) => roster.serves(credit.worker, model)),
    maxItems: (model) => Math.min(credit.capacity, roster.signature(model)?.maxBatchSize ?? 0),
    maxBytes: options.maxBatchBytes,
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

  /** The batch could not be published. It is cut smaller; a single request that does not fit is refused. */
  const onUnsent = (batch: Batch, error: InferenceError): void => {
    batches.end(batch.batchId);
    const [only, ...others] = batch.runs.values();
    if (error.code === "resourceExhausted" && others.length === 0 && only?.entry !== undefined) {
      replies.refuseEntry(only.entry, error);
      return;
    }
    for (const run of batch.runs.values()) {
      if (error.code !== "resourceExhausted" || run.entry === undefined) break;
      run.entry = { ...run.entry, maxBatchItems: 1 };
    }
    retry.giveBack(batch, "unsent");
  };

  const send = (batch: Batch, entries: readonly WaitingEntry[]): void => {
    const { batchId, creditId, worker, model, sentAtMs } = batch;
    const requests = entries.map((entry) => toAdmittedRequest(entry, sentAtMs));
    const epoch = options.epoch();
    try {
      const payload = encodeWorkBatch({ kind: "batch", batchId, creditId, pool, model, epoch, requests });
      batch.answers = messaging.publishWithReply(subjects.work(model, worker), payload, (message) =>
        onAnswer(batchId, message),
      );
    } catch (error) {
      onUnsent(batch, InferenceError.from(error));
      return;
    }
    const { items } = batch;
    onEvent({ type: "batchSent", pool, model, worker, batchId, requestCount: requests.length, items });
  };

  const dispatch = (): void => {
    isDue = false;
    if (!options.mayGrant()) return;
    const nowMs = clock.monotonicMs();
    for (const { credit } of credits.inOrder()) {
      if (backlog.size === 0) return;
      const entries = backlog.take(limitsOf(credit), nowMs);
      if (entries.length === 0) continue;
      credits.remove(credit.creditId);
      const batch = toBatch({ batchId: nextBatchId(), credit, entries, nowMs });
      batches.add(batch);
      send(batch, entries);
    }
  };

  const soon = (): void => {
    if (isDue) return;
    isDue = true;
    clock.afterRead(dispatch);
  };

  return { soon };
}

interface BatchParts {
  readonly batchId: string;
  readonly credit: Credit;
  readonly entries: readonly WaitingEntry[];
  readonly nowMs: number;
}

function toBatch({ batchId, credit, entries, nowMs }: BatchParts): Batch {
  const runs = new Map<string, Run>();
  let items = 0;
  for (const entry of entries) {
    runs.set(entry.key, toRun(entry));
    items += entry.items;
  }
  return {
    batchId,
    creditId: credit.creditId,
    worker: credit.worker,
    model: entries[0]?.model ?? "",
    items,
    sentAtMs: nowMs,
    runs,
    listedAtMs: undefined,
    answers: undefined,
  };
}

function toRun(entry: WaitingEntry): Run {
  const { request, attempt } = entry.request;
  return { id: request.id, tenant: entry.tenant, attempt, entry, isCanceled: false };
}

function refusalReason(message: Message): string {
  try {
    return decodeWorkRefusal(message.payload).reason;
  } catch {
    // Any answer to a batch is a refusal; the reason is for people.
    return "unreadable refusal";
  }
}
