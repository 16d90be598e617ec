import { boundMs, type BatchAsk, type LatencyProfile } from "@sluice/scheduling";
import type { EventLoop } from "../event-loop.ts";
import type { SimulatedRequest } from "../request.ts";
import type { Batcher, EndedBatch } from "./batcher.ts";
import type { ServingOwner, ServingWorker } from "./serving-worker.ts";

/** What the owner of a pool does, around the batcher that decides. */
export interface ServingPool extends ServingOwner {
  /** Takes in requests that arrive together. */
  add(requests: readonly SimulatedRequest[]): void;
  /** Forgets what a worker asked for and said of its times: it is gone. */
  forget(worker: ServingWorker): void;
}

export interface ServingPoolOptions {
  readonly loop: EventLoop;
  readonly batcher: Batcher;
  readonly maxBatchItems: number;
  readonly oneWayMs: number;
  readonly onBatch: (batch: ReturnType<Batcher["next"]>) => void;
  readonly onAnswered: (batch: EndedBatch) => void;
}

/** A worker that waits for a batch. */
interface OpenCredit {
  readonly worker: ServingWorker;
  readonly freeAtMs: number;
}

/** Profiles are sent at most so often, in milliseconds. */
const profileIntervalMs = 250;

/** What workers are compared by. */
const oneItem = { items: 1, length: 1 };

export function createServingPool(options: ServingPoolOptions): ServingPool {
  const { loop, batcher, maxBatchItems, oneWayMs, onBatch, onAnswered } = options;
  let credits: OpenCredit[] = [];
  const profiles = new Map<ServingWorker, { readonly profile: LatencyProfile; readonly atMs: number }>();
  let wakeMs = Infinity;

  const fastest = (): LatencyProfile | undefined => {
    let best: LatencyProfile | undefined;
    for (const { profile } of profiles.values()) {
      if (best === undefined || boundMs(profile, oneItem) < boundMs(best, oneItem)) best = profile;
    }
    return best;
  };

  const toAsk = ({ worker, freeAtMs }: OpenCredit): BatchAsk => ({
    worker: worker.name,
    limits: { models: ["m"], maxItems: () => maxBatchItems, maxBytes: Infinity, alone: false },
    maxTokens: () => Infinity,
    freeAtMs: Math.max(loop.nowMs, freeAtMs),
    overheadMs: 2 * oneWayMs,
    profile: () => profiles.get(worker)?.profile,
    fastest,
  });

  /** Answers a credit, if there is a batch for it. */
  const answer = (credit: OpenCredit): boolean => {
    const batch = batcher.next(toAsk(credit), loop.nowMs);
    onBatch(batch);
    if (batch.entries.length === 0) return false;
    loop.at(loop.nowMs + oneWayMs, () => credit.worker.receive(batch));
    return true;
  };

  const dispatch = (): void => {
    if (credits.length > 0) credits = credits.filter((credit) => !answer(credit));
    const dueMs = credits.length === 0 ? Infinity : batcher.nextDueMs();
    if (dueMs <= loop.nowMs || dueMs >= wakeMs) return;
    wakeMs = dueMs;
    loop.at(dueMs, () => {
      wakeMs = Infinity;
      dispatch();
    });
  };

  return {
    add: (requests) => {
      for (const request of requests) batcher.add(request, loop.nowMs);
      dispatch();
    },
    onCredit: (worker, freeInMs) => {
      credits.push({ worker, freeAtMs: loop.nowMs + freeInMs });
      dispatch();
    },
    onEnded: (batch) => {
      onAnswered(batch);
      batcher.ended(batch);
      dispatch();
    },
    onLatency: (worker, { profile }) => {
      const known = profiles.get(worker);
      if (known?.profile === profile) return;
      if (known !== undefined && loop.nowMs < known.atMs + profileIntervalMs) return;
      profiles.set(worker, { profile, atMs: loop.nowMs });
    },
    forget: (worker) => {
      profiles.delete(worker);
      batcher.forget(worker.name);
      credits = credits.filter((credit) => credit.worker !== worker);
    },
  };
}
