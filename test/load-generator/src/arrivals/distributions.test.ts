import { describe, expect, test } from "vitest";
import { drawLogNormal } from "./distributions.ts";
import { quantile } from "../measure/median.ts";
import { createRandom } from "./random.ts";
import { createWeibull } from "./weibull.ts";

function draw(count: number, next: () => number): Float64Array {
  return Float64Array.from({ length: count }, next);
}

function within(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1), `${actual} instead of ${expected}`).toBeLessThan(tolerance);
}

describe("drawLogNormal()", () => {
  test("has its median, and its mean and 90th percentile by the spread of the logarithm", () => {
    const random = createRandom(1, 0);
    const values = draw(100_000, () => drawLogNormal({ median: 60, sigma: 0.9 }, random)).sort();
    within(quantile(values, 0.5), 60, 0.02);
    within(quantile(values, 0.9), 60 * Math.exp(0.9 * 1.2816), 0.03);
    within(values.reduce((sum, value) => sum + value, 0) / values.length, 60 * Math.exp(0.9 ** 2 / 2), 0.02);
  });
});

describe("createWeibull()", () => {
  test.each([0.5, 1, 2, 4])("has the mean and the variation asked for: %d", (cv) => {
    const values = draw(400_000, createWeibull({ mean: 20, cv }, createRandom(2, 0)));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    within(mean, 20, 0.03);
    within(Math.sqrt(variance) / mean, cv, 0.05);
  });

  test("is the exponential distribution where the variation is 1", () => {
    const values = draw(100_000, createWeibull({ mean: 10, cv: 1 }, createRandom(3, 0))).sort();
    within(quantile(values, 0.5), 10 * Math.LN2, 0.02);
    within(quantile(values, 0.99), 10 * Math.log(100), 0.03);
  });
});
