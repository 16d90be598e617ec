import {
  noRequests,
  obstacle,
  sumWith,
  type BatchSum,
  type Candidate,
  type PlanLimits,
} from "./batch-sum.ts";

/** Requests that run together. */
export interface PlannedRun<Entry extends Candidate> {
  readonly entries: readonly Entry[];
  readonly sum: BatchSum;
}

/**
 * The groups that are to run behind the first run of a batch: a batch costs messages whatever is in it, and its worker runs
 * what has other lengths by itself. The first groups come first; one that does not fit is passed over. All limits of a batch hold,
 * everybody is in time even if his group is the last, and all runs together take no longer than `furtherMs`. What is more than a batch
 * may have stays alone.
 */
export function furtherRuns<Entry extends Candidate>(
  first: BatchSum,
  groups: readonly (readonly Entry[])[],
  limits: PlanLimits,
): readonly PlannedRun<Entry>[] {
  const { maxItems, maxBytes, startMs, overheadMs } = limits;
  const mostMs = Math.min(limits.furtherMs, limits.maxDurationMs);
  const runs: PlannedRun<Entry>[] = [];
  let batch = first;
  let batchMs = limits.boundMs(first);
  if (batchMs >= mostMs || obstacle(first, limits) !== undefined) return runs;
  for (const entries of groups) {
    const sum = entries.reduce(sumWith, noRequests);
    if (obstacle(sum, limits) !== undefined) continue;
    const next = sumWith(batch, sum);
    const nextMs = batchMs + limits.boundMs(sum);
    const isTooLarge = next.items > Math.min(maxItems, next.maxBatchItems) || next.bytes > maxBytes;
    if (isTooLarge || nextMs > mostMs || startMs + nextMs + overheadMs > next.deadlineMs) continue;
    runs.push({ entries, sum });
    batch = next;
    batchMs = nextMs;
  }
  return runs;
}
