import type { Random } from "@sluice/runtime";

/** Draws from the exponential distribution. */
export function drawExponential(mean: number, random: Random): number {
  return -mean * Math.log1p(-random());
}

export interface GammaOptions {
  readonly mean: number;
  /** Coefficient of variation: standard deviation divided by the mean. 0 gives the mean itself, 1 is exponential. */
  readonly cv: number;
}

/** A log-normal distribution: the logarithm is normal. */
export interface LogNormalOptions {
  readonly median: number;
  /** Standard deviation of the logarithm. */
  readonly sigma: number;
}

/** Draws from the log-normal distribution. */
export function drawLogNormal({ median, sigma }: LogNormalOptions, random: Random): number {
  return median * Math.exp(sigma * drawNormal(random));
}

/**
 * Draws from the Gamma distribution.
 *
 * Source: Marsaglia and Tsang, A Simple Method for Generating Gamma Variables (2000), with their step up for shapes below 1.
 */
export function drawGamma({ mean, cv }: GammaOptions, random: Random): number {
  if (cv === 0) return mean;
  const shape = 1 / cv ** 2;
  const unit =
    shape >= 1 ? drawUnitGamma(shape, random) : drawUnitGamma(shape + 1, random) * stepDown(shape, random);
  return (unit * mean) / shape;
}

/** Turns a draw of `shape` + 1 into one of `shape`. */
function stepDown(shape: number, random: Random): number {
  return (1 - random()) ** (1 / shape);
}

/** A draw of scale 1, for shapes of 1 and above. */
function drawUnitGamma(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = drawNormal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log1p(-random()) < x ** 2 / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}

/** Draws from the normal distribution of mean 0 and deviation 1. Source: Box and Muller (1958). */
export function drawNormal(random: Random): number {
  return Math.sqrt(drawExponential(2, random)) * Math.cos(2 * Math.PI * random());
}
