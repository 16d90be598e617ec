import type { RunShape } from "../latency/latency-curve.ts";

export interface LengthGroupLimits {
  /** Most items in one run, at least 1. */
  readonly maxItems: number;
  /** Most elements in one run with all rows padded to the longest. */
  readonly maxTokens: number;
  /** The time a run takes, in milliseconds. It must not shrink when items or length grow. */
  readonly runMs: (shape: RunShape) => number;
}

/**
 * Cuts members into runs, so that all runs together take the least time: the rows of a run are padded to its longest, and
 * every run has its fixed time, so similar lengths belong together and few runs are better than many. The shortest come
 * first, members of one length in the order they were given; members stay whole, and one that is more than a run may have stands alone.
 * Takes a step for each member and each that may be before it in its run.
 *
 * Source: the batch scheduler of TurboTransformers (Fang et al., PPoPP 2021): a dynamic program over members sorted by length.
 */
export function groupByLength<Member extends RunShape>(
  members: readonly Member[],
  limits: LengthGroupLimits,
): Member[][] {
  const sorted = [...members].sort((a, b) => a.length - b.length);
  const starts = bestStarts(sorted, limits);
  const groups: Member[][] = [];
  let end = sorted.length;
  while (end > 0) {
    const start = starts[end] ?? 0;
    groups.push(sorted.slice(start, end));
    end = start;
  }
  return groups.toReversed();
}

/** For each number of members, where the last run of those begins when they take the least time. */
function bestStarts(
  sorted: readonly RunShape[],
  { maxItems, maxTokens, runMs }: LengthGroupLimits,
): number[] {
  const starts = [0];
  const leastMs = [0];
  for (const [last, { length }] of sorted.entries()) {
    let items = 0;
    let bestMs = Infinity;
    let bestStart = last;
    for (let start = last; start >= 0; start--) {
      items += sorted[start]?.items ?? 0;
      if ((items > maxItems || items * length > maxTokens) && start < last) break;
      const lastRunMs = runMs({ items, length });
      // A longer run only takes more, whatever comes before it.
      if (lastRunMs > bestMs) break;
      const ms = (leastMs[start] ?? 0) + lastRunMs;
      if (ms > bestMs) continue;
      bestMs = ms;
      bestStart = start;
    }
    starts.push(bestStart);
    leastMs.push(bestMs);
  }
  return starts;
}
