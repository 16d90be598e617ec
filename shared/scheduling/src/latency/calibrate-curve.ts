import { fitCurve, type RunSample, runSample } from "./fit-curve.ts";
import type { LatencyCurve } from "./latency-curve.ts";

/** Least that a part may be, of an equal share: what noise made nothing of could never be corrected while the model serves. */
const leastShare = 0.05;

/**
 * The curve of a model that was measured at several shapes: every part of it is above 0, and its relative errors have the smallest sum
 * of squares. What one shape alone cannot tell, it shares equally between what is fixed and what grows with the shape. Where all rows had
 * one length, pairs of elements take nothing: their part cannot be told from that of the elements.
 * @param runs - at least one
 */
export function calibrateCurve(runs: readonly RunSample[]): LatencyCurve {
  const samples = runs.map(({ shape, ms }) => runSample(shape, ms));
  const hasLengths = samples.some(({ shape }) => shape.length !== samples[0]?.shape.length);
  const partCount = hasLengths ? 3 : 2;
  /** What a part may be without taking more than its equal share of any sample. */
  const shareOf = (unitsOf: (sample: RunSample) => number): number =>
    Math.min(...samples.map((sample) => sample.ms / unitsOf(sample))) / partCount;
  const anchor = {
    fixedMs: shareOf(() => 1),
    perElementMs: shareOf(({ shape }) => shape.items * shape.length),
    perPairMs: hasLengths ? shareOf(({ shape }) => shape.items * shape.length ** 2) : 0,
  };
  return fitCurve(samples, { anchor, leastRatio: leastShare, mostRatio: Infinity, anchorWeight: 0 });
}
