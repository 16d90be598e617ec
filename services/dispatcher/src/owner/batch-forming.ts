import type { BatchingRules } from "@sluice/protocol";
import { batchSizeNow, createLiveHeap, type LiveHeap } from "@sluice/scheduling";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { OpenRequest } from "./open-request.ts";

/** When batches of models that set rules for it may be formed, and how large they may be. Time is an argument. */
export interface BatchForming {
  /** Notes a request of a model with rules that waits from now on. Returns when it waits no longer for others; Infinity = it does not. */
  enter(request: OpenRequest, rules: BatchingRules, nowMs: number): number;
  /** Notes that a request waits no more. */
  leave(request: OpenRequest): void;
  /** Most items that a batch of the model may have now; 0 = none may be formed yet. */
  mostItems(model: string, nowMs: number): number;
  /** When the next request that waits for others now waits no longer for them; Infinity if none does. */
  nextDueMs(nowMs: number): number;
}

export interface BatchFormingOptions {
  readonly roster: Pick<PoolRoster, "signature">;
  /** Whether a batch of the model is with a worker. */
  readonly isRunning: (model: string) => boolean;
}

interface Held {
  readonly request: OpenRequest;
  readonly dueMs: number;
}

/** What waits of a model with rules. */
interface Model {
  readonly waiting: Set<OpenRequest>;
  items: number;
  readonly held: LiveHeap<Held>;
}

/** A request waits for others for at most this part of its time: the rest is for its run. */
const mostTimePart = 0.5;

export function createBatchForming({ roster, isRunning }: BatchFormingOptions): BatchForming {
  const models = new Map<string, Model>();

  const open = (name: string): Model => {
    let model = models.get(name);
    if (model === undefined) {
      const waiting = new Set<OpenRequest>();
      const held = createLiveHeap<Held>({
        rank: ({ dueMs }) => dueMs,
        isLive: ({ request }) => waiting.has(request),
      });
      model = { waiting, items: 0, held };
      models.set(name, model);
    }
    return model;
  };

  const earliest = ({ held }: Model): number => held.peek()?.dueMs ?? Infinity;

  return {
    enter: (request, { preferredBatchSizes, maxQueueDelayMs }, nowMs) => {
      if (maxQueueDelayMs === 0 && preferredBatchSizes.length === 0) return Infinity;
      const model = open(request.model);
      model.waiting.add(request);
      model.items += request.items;
      if (maxQueueDelayMs === 0) return Infinity;
      const dueMs = nowMs + Math.min(maxQueueDelayMs, mostTimePart * (request.deadlineMs - nowMs));
      model.held.push({ request, dueMs });
      return dueMs;
    },
    leave: (request) => {
      const model = models.get(request.model);
      if (model?.waiting.delete(request) !== true) return;
      model.items -= request.items;
      model.held.sweep(model.waiting.size);
    },
    mostItems: (name, nowMs) => {
      const signature = roster.signature(name);
      const rules = signature?.batching;
      if (signature === undefined || rules === undefined) return Infinity;
      if (rules.preserveOrdering && isRunning(name)) return 0;
      const model = models.get(name);
      if (model === undefined) return Infinity;
      const { items } = model;
      const { maxBatchSize } = signature;
      const isDue = earliest(model) <= nowMs;
      return batchSizeNow(rules, { items, isDue, maxBatchSize });
    },
    nextDueMs: (nowMs) => {
      let nextMs = Infinity;
      for (const model of models.values()) {
        const dueMs = earliest(model);
        if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
      }
      return nextMs;
    },
  };
}
