import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { paddedLength } from "./padded-length.ts";

describe("paddedLength()", () => {
  test.each([
    [0, 1],
    [1, 1],
    [7, 7],
    [8, 8],
    [9, 10],
    [16, 16],
    [17, 20],
    [33, 40],
    [65, 80],
    [128, 128],
    [129, 160],
  ])("pads %i to %i", (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  test("never shortens, adds less than a quarter, and pads what is padded no further", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (length) => {
        const padded = paddedLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded).toBeLessThan(length * 1.25);
        expect(paddedLength(padded)).toBe(padded);
      }),
    );
  });

  test("gives 24 different lengths up to 128", () => {
    const lengths = Array.from({ length: 128 }, (_, index) => paddedLength(index + 1));
    expect(new Set(lengths).size).toBe(24);
  });
});
