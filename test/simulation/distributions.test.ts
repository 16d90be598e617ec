import { describe, expect, test } from "vitest";
import { quantile } from "../benchmark/measure/median.ts";
import { drawLogNormal } from "./distributions.ts";
import { conversationLengths, drawLength, encoderLengths } from "./lengths.ts";
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

describe("drawLength()", () => {
  test("matches the mean and the quantiles of the trace of a conversation service", () => {
    const random = createRandom(4, 0);
    const values = draw(100_000, () => drawLength(conversationLengths, random)).sort();
    within(values.reduce((sum, value) => sum + value, 0) / values.length, 1155, 0.1);
    within(quantile(values, 0.5), 1020, 0.1);
    within(quantile(values, 0.9), 2735, 0.1);
    within(quantile(values, 0.99), 4142, 0.1);
  });

  test("rounds, and keeps within 1 and the longest", () => {
    const random = createRandom(5, 0);
    const values = draw(100_000, () => drawLength(encoderLengths, random)).sort();
    within(quantile(values, 0.5), 60, 0.03);
    within(quantile(values, 0.9), 190, 0.03);
    expect(values[0]).toBeGreaterThanOrEqual(1);
    expect(values.at(-1)).toBe(512);
    expect(values.every((value) => Number.isInteger(value))).toBe(true);
  });

  test("gives equal lengths without drawing", () => {
    const random = (): number => {
      throw new Error("drawn");
    };
    expect(drawLength({ kind: "equal", length: 7 }, random)).toBe(7);
  });
});
