import type { Random } from "@sluice/runtime";
import { drawExponential, drawGamma } from "./distributions.ts";
import { createWeibull } from "./weibull.ts";

/** When requests arrive, whatever becomes of those before. */
export type Arrivals =
  | { readonly kind: "constant"; readonly ratePerSecond: number }
  | { readonly kind: "poisson"; readonly ratePerSecond: number }
  /** Gaps of a Gamma distribution: `cv` is their coefficient of variation, above 1 for bursts. */
  | { readonly kind: "gamma"; readonly ratePerSecond: number; readonly cv: number }
  /** Gaps of a Weibull distribution: with the same `cv` as Gamma there are more long ones. */
  | { readonly kind: "weibull"; readonly ratePerSecond: number; readonly cv: number }
  /** The given arrivals while on, none while off. The rate is the one while on. */
  | { readonly kind: "onOff"; readonly while: Arrivals; readonly onMs: number; readonly offMs: number }
  | Diurnal
  /** What once arrived: milliseconds from the start to each arrival, in order. None after the last. */
  | { readonly kind: "replay"; readonly offsetsMs: readonly number[] };

/** The given arrivals, faster and slower in turn. Their rate is the mean of a period. */
export interface Diurnal {
  readonly kind: "diurnal";
  readonly of: Arrivals;
  readonly periodMs: number;
  /** Part of the rate by which it rises and falls, 0 to below 1: at its peak it is 1 + `swing` times the mean. */
  readonly swing: number;
}

/** Creates what tells the milliseconds from one arrival, or the start, to the next; Infinity when none follows. */
export function createGaps(arrivals: Arrivals, random: Random): () => number {
  switch (arrivals.kind) {
    case "constant":
      return () => 1000 / arrivals.ratePerSecond;
    case "poisson":
      return () => drawExponential(1000 / arrivals.ratePerSecond, random);
    case "gamma":
      return () => drawGamma({ mean: 1000 / arrivals.ratePerSecond, cv: arrivals.cv }, random);
    case "weibull":
      return createWeibull({ mean: 1000 / arrivals.ratePerSecond, cv: arrivals.cv }, random);
    case "onOff":
      return pauseGaps(createGaps(arrivals.while, random), arrivals);
    case "diurnal":
      return bendGaps(createGaps(arrivals.of, random), arrivals);
    case "replay":
      return replayGaps(arrivals.offsetsMs);
  }
}

/** Stretches gaps by the times off that lie in them. */
function pauseGaps(
  nextGap: () => number,
  { onMs, offMs }: { readonly onMs: number; readonly offMs: number },
): () => number {
  let spentOnMs = 0;
  return () => {
    const gapMs = nextGap();
    const pausesBefore = Math.floor(spentOnMs / onMs);
    spentOnMs += gapMs;
    return gapMs + (Math.floor(spentOnMs / onMs) - pausesBefore) * offMs;
  };
}

/** Halvings after which a moment is known to a billionth of a period. */
const halvings = 30;

/** Shortens gaps where the rate is above its mean and stretches them where it is below. */
function bendGaps(nextGap: () => number, { periodMs, swing }: Diurnal): () => number {
  const depthMs = (swing * periodMs) / (2 * Math.PI);
  /** Integral of the rate from the start, as the time that it takes at the mean. */
  const evenMsAt = (timeMs: number): number =>
    timeMs + depthMs * (1 - Math.cos((2 * Math.PI * timeMs) / periodMs));
  let timeMs = 0;
  let evenMs = 0;
  return () => {
    const beforeMs = timeMs;
    evenMs += nextGap();
    let earliestMs = Math.max(beforeMs, evenMs - 2 * depthMs);
    let latestMs = evenMs;
    for (let halving = 0; halving < halvings; halving++) {
      const middleMs = (earliestMs + latestMs) / 2;
      if (evenMsAt(middleMs) < evenMs) earliestMs = middleMs;
      else latestMs = middleMs;
    }
    timeMs = latestMs;
    return timeMs - beforeMs;
  };
}

function replayGaps(offsetsMs: readonly number[]): () => number {
  let index = 0;
  let beforeMs = 0;
  return () => {
    const offsetMs = offsetsMs[index] ?? Infinity;
    if (offsetMs < beforeMs)
      throw new RangeError(`arrival ${index} of a replay, at ${offsetMs} ms, is before the one before it`);
    const gapMs = offsetMs - beforeMs;
    index += 1;
    // Infinity once more, where the difference would not be a number.
    if (offsetMs !== Infinity) beforeMs = offsetMs;
    return gapMs;
  };
}
