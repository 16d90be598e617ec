import { createRandom, quantile } from "@sluice/load-generator";
import { describe, expect, test } from "vitest";
import { conversationLengths, drawLength, encoderLengths } from "./lengths.ts";

function draw(count: number, next: () => number): Float64Array {
  return Float64Array.from({ length: count }, next);
}

function within(actual: number, expected: number, tolerance: number): void {
  expect(Math.abs(actual / expected - 1), `${actual} instead of ${expected}`).toBeLessThan(tolerance);
}

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
