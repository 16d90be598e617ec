import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { paddedLength } from "./padded-length.ts";

describe("paddedLength()", () => {
  test.each([
    [0, 1],
    [1, 1],
    [15, 15],
    [16, 16],
    [17, 18],
    [32, 32],
    [33, 36],
    [65, 72],
    [128, 128],
    [129, 144],
  ])("pads %i to %i", (length, padded) => {
    expect(paddedLength(length)).toBe(padded);
  });

  test("never shortens, adds less than an eighth, and pads what is padded no further", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (length) => {
        const padded = paddedLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        expect(padded).toBeLessThan(length * 1.125);
        expect(paddedLength(padded)).toBe(padded);
      }),
    );
  });

  test("gives 40 different lengths up to 128", () => {
    const lengths = Array.from({ length: 128 }, (_, index) => paddedLength(index + 1));
    expect(new Set(lengths).size).toBe(40);
  });
});
