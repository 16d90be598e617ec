import type { EngineRun } from "./engine-log.ts";

export interface DifferenceBoundOptions {
  readonly log: readonly EngineRun[];
  readonly workerCount: number;
  readonly maxBatchItems: number;
}

/**
 * The most by which a fair queue may let differ, over any stretch of time, what two tenants of weight 1 received that both
 * waited throughout, in worker-milliseconds. It follows from the costs, and not from how long it goes on.
 *
 * Source: 2 (c + D e + W c) (1/w + 1/w'), with the largest cost c, D requests with workers at a time, the largest error e of
 * an estimated cost, and batches of W. An estimate is a mean of costs, so no further than c from any.
 */
export function differenceBoundMs({ log, workerCount, maxBatchItems }: DifferenceBoundOptions): number {
  let largestCostMs = 0;
  for (const { parts } of log) {
    for (const { costMs } of parts) largestCostMs = Math.max(largestCostMs, costMs);
  }
  return 2 * largestCostMs * (1 + workerCount * maxBatchItems + maxBatchItems) * 2;
}
