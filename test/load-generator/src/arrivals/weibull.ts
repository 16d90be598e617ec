import type { Random } from "@sluice/runtime";
import { drawExponential } from "./distributions.ts";

export interface WeibullOptions {
  readonly mean: number;
  /** Coefficient of variation, from 0.05 to 50. */
  readonly cv: number;
}

/** Between these shapes the coefficient of variation falls from above 50 to below 0.05. */
const shapeRange = { least: 0.2, most: 30 };

/** Halvings after which a shape is exact to about 15 digits. */
const halvings = 50;

/** Creates draws from the Weibull distribution: heavier in its tail than Gamma of the same mean and variation. */
export function createWeibull({ mean, cv }: WeibullOptions, random: Random): () => number {
  const shape = shapeOf(cv);
  const scale = mean / Math.exp(logGamma(1 + 1 / shape));
  return () => scale * drawExponential(1, random) ** (1 / shape);
}

/** The shape with a coefficient of variation, which falls as the shape grows. */
function shapeOf(cv: number): number {
  let { least, most } = shapeRange;
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (least + most) / 2;
    const squaredCv = Math.exp(logGamma(1 + 2 / middle) - 2 * logGamma(1 + 1 / middle)) - 1;
    if (squaredCv > cv ** 2) least = middle;
    else most = middle;
  }
  return least;
}

/** From here on Stirling's series is exact to ten digits. */
const stirlingFrom = 8;

/** The logarithm of the Gamma function, for arguments above 0: Stirling's series, after steps up to where it is exact. */
function logGamma(argument: number): number {
  let x = argument;
  let steps = 0;
  for (; x < stirlingFrom; x += 1) steps += Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - steps;
}
