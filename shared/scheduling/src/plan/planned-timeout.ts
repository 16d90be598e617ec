import type { TimeoutPart } from "./recent-timeouts.ts";

/** What it means for the batches of a model how long they run. */
export interface RunLengths {
  /** No timeout has them run shorter than this, in milliseconds. */
  readonly leastMs: number;
  /** How long they may run where all requests allow so much: it grows with that. */
  wantedMs(timeoutMs: number): number;
  /** Items a millisecond where they run so long: it grows with that, up to a bound. */
  itemsPerMs(runMs: number): number;
  /** Part of the requests that allow so much beside their own runs that meet a worker in time where batches run so long. */
  inTimePart(leftMs: number, runMs: number): number;
}

/**
 * The timeout that batches are planned for: that with which most requests are answered in time where more come than can be. A
 * shorter one makes batches smaller, which is less for all; it is planned for where as many are in time by that. Infinity where
 * nothing is known.
 * @param timeouts - the shortest first
 * Source: docs/decisions/0034.
 */
export function plannedTimeoutMs(timeouts: readonly TimeoutPart[], lengths: RunLengths): number {
  const { leastMs, wantedMs, itemsPerMs, inTimePart } = lengths;
  const mostPerMs = itemsPerMs(Infinity);
  let plannedMs = timeouts[0]?.timeoutMs ?? Infinity;
  let mostInTimePerMs = 0;
  for (const { timeoutMs } of timeouts) {
    const runMs = Math.max(leastMs, wantedMs(timeoutMs));
    const allPerMs = itemsPerMs(runMs);
    let inTime = 0;
    for (const other of timeouts) {
      const isPlannedFor = wantedMs(other.timeoutMs) >= runMs;
      inTime += other.part * (isPlannedFor ? 1 : inTimePart(other.leftMs, runMs));
    }
    if (inTime * allPerMs > mostInTimePerMs) {
      mostInTimePerMs = inTime * allPerMs;
      plannedMs = timeoutMs;
    }
    // Longer ones gain nothing more.
    if (allPerMs >= mostPerMs) break;
  }
  return plannedMs;
}
