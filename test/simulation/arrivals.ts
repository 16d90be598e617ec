import type { Random } from "@sluice/runtime";
import { drawExponential, drawGamma } from "./distributions.ts";

/** When requests arrive, whatever becomes of those before. */
export type Arrivals =
  | { readonly kind: "constant"; readonly ratePerSecond: number }
  | { readonly kind: "poisson"; readonly ratePerSecond: number }
  /** Gaps of a Gamma distribution: `cv` is their coefficient of variation, above 1 for bursts. */
  | { readonly kind: "gamma"; readonly ratePerSecond: number; readonly cv: number }
  /** The given arrivals while on, none while off. The rate is the one while on. */
  | { readonly kind: "onOff"; readonly while: Arrivals; readonly onMs: number; readonly offMs: number };

/** Creates what tells the milliseconds from one arrival, or the start, to the next. */
export function createGaps(arrivals: Arrivals, random: Random): () => number {
  switch (arrivals.kind) {
    case "constant":
      return () => 1000 / arrivals.ratePerSecond;
    case "poisson":
      return () => drawExponential(1000 / arrivals.ratePerSecond, random);
    case "gamma":
      return () => drawGamma({ mean: 1000 / arrivals.ratePerSecond, cv: arrivals.cv }, random);
    case "onOff":
      return pauseGaps(createGaps(arrivals.while, random), arrivals);
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
