import type { LatencyCurve } from "../latency/latency-curve.ts";

/** What a batch takes of its owner and its worker beside its run: messages, and looking at what waits. About as measured. */
export const batchOverheadMs = 0.25;

/** What a batch saves at most of the time of each item by being larger still, where it is as large as is worthwhile. */
const worthwhileRatio = 0.02;

/** The same where it is as large as it must be so that nobody's hurry costs all others much. */
const bearableRatio = 0.25;

/** How long a batch of several runs takes at most, in milliseconds: measured, what it is longer saves hardly anything. */
const longestFurtherMs = 50;

/** The same as a part of the timeout that batches are planned for: whoever comes meanwhile waits for all of it. */
const furtherRatio = 0.02;

/**
 * How long a batch of several runs may take, in milliseconds: no longer than a fiftieth of the timeout that batches are planned
 * for.
 */
export function furtherRunsMs(timeoutMs: number): number {
  return Math.min(longestFurtherMs, furtherRatio * timeoutMs);
}

interface SizeLimits {
  /** Of the rows, in elements. */
  readonly length: number;
  /** The most there may be. */
  readonly maxItems: number;
}

/**
 * The smallest number of items whose time each is within a fiftieth of what it is in the largest batch: few for a model that
 * takes twice as long for twice as many, as many as allowed for one that takes hardly longer.
 */
export function worthwhileItems(curve: LatencyCurve, limits: SizeLimits): number {
  return leastItems(curve, limits, worthwhileRatio);
}

/** The smallest number of items whose time each is within a quarter of what it is in the largest batch. */
export function bearableItems(curve: LatencyCurve, limits: SizeLimits): number {
  return leastItems(curve, limits, bearableRatio);
}

function leastItems(
  { fixedMs, perElementMs, perPairMs }: LatencyCurve,
  { length, maxItems }: SizeLimits,
  ratio: number,
): number {
  const sharedMs = fixedMs + batchOverheadMs;
  const itemMs = length * (perElementMs + length * perPairMs);
  const enoughMs = (1 + ratio) * (sharedMs / maxItems + itemMs);
  return Math.min(maxItems, Math.ceil(sharedMs / (enoughMs - itemMs)));
}
