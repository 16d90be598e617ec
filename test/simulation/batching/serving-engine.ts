import { drawGamma } from "@sluice/load-generator";
import type { Random } from "@sluice/runtime";
import { curveMs, type LatencyCurve, type RunShape } from "@sluice/scheduling";

/** How long the engines of a pool really take. */
export interface ServingEngine {
  readonly curve: LatencyCurve;
  readonly maxBatchItems: number;
  /** Coefficient of variation of a run's time. */
  readonly noiseCv: number;
  /** Times in which all workers are slower; they do not overlap, and stand in their order. */
  readonly slowdowns: readonly Slowdown[];
}

/** A stretch of time in which work takes `factor` times as long. */
export interface Slowdown {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly factor: number;
}

/** What a run would take if nothing slowed it down. */
export function drawRunMs({ curve, noiseCv }: ServingEngine, shape: RunShape, random: Random): number {
  return drawGamma({ mean: curveMs(curve, shape), cv: noiseCv }, random);
}

/** When work ends that begins at `startMs` and would take `workMs`: a slowdown holds for the part of the work that lies in it. */
export function workEndMs(
  slowdowns: readonly Slowdown[],
  { startMs, workMs }: { readonly startMs: number; readonly workMs: number },
): number {
  let nowMs = startMs;
  let leftMs = workMs;
  for (const { fromMs, untilMs, factor } of slowdowns) {
    if (untilMs <= nowMs) continue;
    const beforeMs = Math.max(0, fromMs - nowMs);
    if (leftMs <= beforeMs) break;
    leftMs -= beforeMs;
    nowMs += beforeMs;
    const slowedMs = Math.min(leftMs * factor, untilMs - nowMs);
    nowMs += slowedMs;
    leftMs -= slowedMs / factor;
  }
  return nowMs + leftMs;
}

/** Items that one worker runs in a second with the largest batches of rows of a length. */
export function largestBatchRate({ curve, maxBatchItems }: ServingEngine, length = 1): number {
  return (1000 * maxBatchItems) / curveMs(curve, { items: maxBatchItems, length });
}
