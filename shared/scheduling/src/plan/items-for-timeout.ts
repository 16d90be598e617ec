import { boundMs, type LatencyProfile } from "../latency/latency-profile.ts";
import { batchOverheadMs, worthwhileItems } from "./batch-size.ts";

export interface TimeoutLimits {
  /** Of the rows, in elements. */
  readonly length: number;
  /** The most there may be. */
  readonly maxItems: number;
  /** What callers allow, on average, in milliseconds. */
  readonly timeoutMs: number;
  /** Workers that share the load. */
  readonly workerCount: number;
}

/**
 * Items of the batches that a busy pool runs where callers allow `timeoutMs`: as many as are worthwhile, and as few as end in time
 * although a request first waits until one of the workers is free. 0 = not even one item ends in time.
 */
export function itemsForTimeout(profile: LatencyProfile, limits: TimeoutLimits): number {
  const { length, maxItems, timeoutMs, workerCount } = limits;
  const endsWithin = (items: number, ms: number): boolean =>
    boundMs(profile, { items, length }) + batchOverheadMs <= ms;
  if (!endsWithin(1, timeoutMs)) return 0;
  const runMs = (timeoutMs * workerCount) / (workerCount + 1);
  let items = worthwhileItems(profile.curve, { length, maxItems });
  while (items > 1 && !endsWithin(items, runMs)) items -= 1;
  return items;
}
