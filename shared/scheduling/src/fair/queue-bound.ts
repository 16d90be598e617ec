import type { QueueLoad } from "./tenant-load.ts";

/** By how much a request would exceed the bound of a queue. */
export interface QueueExcess {
  /** How long the queue would take with it, at the fair rate of whose it is, in milliseconds. */
  readonly queueMs: number;
  /** After which time it fits, at that rate and if nothing else comes, in milliseconds. */
  readonly retryAfterMs: number;
}

/**
 * The bound of the queue that a tenant, or a group, has in a pool, in time: what waits divided by its fair rate, which is its fair
 * share of the pool's workers. A request that would make it longer than the bound is too much, unless nothing waits: one request may
 * always wait, since for what is dearer than the bound there is never a better moment.
 */
export interface QueueBound {
  /** By how much one more request would exceed it; `undefined` where it fits. */
  excess(items: number): QueueExcess | undefined;
  /** Counts a request that waits from now on. */
  count(items: number): void;
}

export interface QueueBoundOptions {
  readonly load: QueueLoad;
  readonly maxQueueMs: number;
  /** Workers of the pool; less than one counts as one. */
  readonly workerCount: number;
}

/** Shortest time that a refused caller is told to wait, in milliseconds: sooner than that little has changed. */
const leastRetryMs = 50;

/** Creates the bound for requests of one tenant and model that come together, while nothing else comes or goes. */
export function createQueueBound({ load, maxQueueMs, workerCount }: QueueBoundOptions): QueueBound {
  const { costPerItemMs, fairShare } = load;
  const fairRate = fairShare * Math.max(1, workerCount);
  let { waitingMs } = load;
  const costMs = (items: number): number => costPerItemMs * Math.max(1, items);
  return {
    excess: (items) => {
      const queueMs = (waitingMs + costMs(items)) / fairRate;
      if (queueMs <= maxQueueMs || waitingMs === 0) return undefined;
      const fitsAfterMs = Math.min(queueMs - maxQueueMs, waitingMs / fairRate);
      return { queueMs, retryAfterMs: Math.max(leastRetryMs, Math.ceil(fitsAfterMs)) };
    },
    count: (items) => {
      waitingMs += costMs(items);
    },
  };
}
