import { describe, expect, test } from "vitest";
import { median, quantile } from "./median.ts";

describe("median()", () => {
  test("is the middle value, or the mean of the middle two", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});

describe("quantile()", () => {
  test("is the smallest value that the share of all values does not exceed", () => {
    const sorted = Float64Array.from({ length: 100 }, (_, index) => index + 1);
    expect(quantile(sorted, 0.5)).toBe(50);
    expect(quantile(sorted, 0.99)).toBe(99);
    expect(quantile(sorted, 1)).toBe(100);
    expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
  });
});
