import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromFloat16Bits, toFloat16Bits } from "./float16.ts";

describe("float16", () => {
  test("every bit pattern but NaN survives both ways", () => {
    for (let bits = 0; bits < 0x1_0000; bits++) {
      const value = fromFloat16Bits(bits);
      if (Number.isNaN(value)) expect(Number.isNaN(fromFloat16Bits(toFloat16Bits(value)))).toBe(true);
      else if (toFloat16Bits(value) !== bits) expect.fail(`0x${bits.toString(16)} does not survive`);
    }
  });

  test.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_519.99, 0x7bff],
    [65_520, 0x7c00],
    [-Infinity, 0xfc00],
    [-0, 0x8000],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0001, 0x0001],
    [1 + 1 / 2048, 0x3c00],
    [1 + 3 / 2048, 0x3c02],
    [2 - 1 / 4096, 0x4000],
  ])("rounds %d to the next number, ties to even", (value, bits) => {
    expect(toFloat16Bits(value)).toBe(bits);
  });

  test("no other number is nearer", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_503, noNaN: true }), (value) => {
        const bits = toFloat16Bits(value);
        const distance = Math.abs(fromFloat16Bits(bits) - value);
        for (const other of [bits - 1, bits + 1]) {
          if (other >= 0) expect(Math.abs(fromFloat16Bits(other) - value)).toBeGreaterThanOrEqual(distance);
        }
      }),
    );
  });
});
