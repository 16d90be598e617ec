import type { LatencyCurve, RunShape } from "./latency-curve.ts";

/** A run that was measured. */
export interface RunSample {
  readonly shape: RunShape;
  /** How long it took. */
  readonly ms: number;
}

/** What a run counts as at least, in milliseconds: clocks have no time for the shortest. */
const shortestMs = 0.001;

/** Makes a sample; its time is above 0. */
export function runSample(shape: RunShape, ms: number): RunSample {
  return { shape, ms: Math.max(shortestMs, ms) };
}

export interface FitOptions {
  /** Where the search begins, and the unit of the other options. What is 0 here stays 0. */
  readonly anchor: LatencyCurve;
  /** Least and most that each part of the curve may be, as ratios of the anchor. */
  readonly leastRatio: number;
  readonly mostRatio: number;
  /** How many samples the anchor counts as; 0 = the samples alone decide. */
  readonly anchorWeight: number;
}

/** Enough for a thousandth, where a part can hardly be told from another and only the anchor's weight does. */
const sweepCount = 100;

/**
 * The curve within the allowed ratios of `anchor` whose errors, relative to the time of each sample, have the smallest sum of squares
 * together with the deviation from the anchor. Parts that the samples cannot tell apart keep the anchor's proportions.
 */
export function fitCurve(samples: readonly RunSample[], options: FitOptions): LatencyCurve {
  const { anchor, leastRatio, mostRatio, anchorWeight } = options;
  // Sums over the samples, f = fixed, e = elements, p = pairs: each the anchor's part of a sample's time, and their products.
  let [f, e, p] = [0, 0, 0];
  let [ff, fe, fp, ee, ep, pp] = [0, 0, 0, 0, 0, 0];
  for (const { shape, ms } of samples) {
    const elementCount = shape.items * shape.length;
    const fixed = anchor.fixedMs / ms;
    const elements = (anchor.perElementMs * elementCount) / ms;
    const pairs = (anchor.perPairMs * elementCount * shape.length) / ms;
    f += fixed;
    e += elements;
    p += pairs;
    ff += fixed * fixed;
    fe += fixed * elements;
    fp += fixed * pairs;
    ee += elements * elements;
    ep += elements * pairs;
    pp += pairs * pairs;
  }
  const best = (own: number, rest: number): number =>
    own === 0 ? 1 : Math.min(mostRatio, Math.max(leastRatio, (rest + anchorWeight) / (own + anchorWeight)));

  // Each part in turn is set to its best while the others stay: the sum of squares is convex, so this ends at its minimum.
  let [fixedRatio, elementRatio, pairRatio] = [1, 1, 1];
  for (let sweep = 0; sweep < sweepCount; sweep++) {
    fixedRatio = best(ff, f - fe * elementRatio - fp * pairRatio);
    elementRatio = best(ee, e - fe * fixedRatio - ep * pairRatio);
    pairRatio = best(pp, p - fp * fixedRatio - ep * elementRatio);
  }
  return {
    fixedMs: anchor.fixedMs * fixedRatio,
    perElementMs: anchor.perElementMs * elementRatio,
    perPairMs: anchor.perPairMs * pairRatio,
  };
}
