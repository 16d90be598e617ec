import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeNumbers } from "./column-forms.ts";
import { amount } from "./fields.ts";
import { numberAt, readNumbers, sameNumber } from "./number-cells.ts";

const amounts = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });

describe("readNumbers()", () => {
  test("reads the same numbers from bytes at any offset and from a list", () => {
    fc.assert(
      fc.property(amounts, fc.nat({ max: 9 }), (numbers, offset) => {
        const message = new Uint8Array(offset + 8 * numbers.length);
        message.set(writeNumbers(numbers), offset);
        for (const written of [message.subarray(offset), numbers]) {
          const cells = readNumbers("x", amount, { written, rowCount: numbers.length });
          expect(numbers.map((_, row) => numberAt(cells, row))).toEqual(numbers);
        }
      }),
    );
  });

  test.each([
    ["a wrong number in bytes", writeNumbers([1, -2])],
    ["a wrong number in a list", [1, -2]],
    ["what is no number", [1, "2"]],
    ["words", "1 2"],
  ])("refuses %s", (_name, written) => {
    expect(() => readNumbers("x", amount, { written, rowCount: 2 })).toThrow(/"x" is .*, expected a number/);
  });

  test.each([
    ["too few bytes", writeNumbers([1])],
    ["bytes for one and a half numbers", new Uint8Array(12)],
    ["a list that is too long", [1, 2, 3]],
    ["a map", {}],
  ])("refuses %s", (_name, written) => {
    expect(() => readNumbers("x", amount, { written, rowCount: 2 })).toThrow(/expected a column of 2/);
  });
});

describe("sameNumber()", () => {
  test("stands for every row", () => {
    const cells = sameNumber(1.5);
    expect([0, 1, 1000].map((row) => numberAt(cells, row))).toEqual([1.5, 1.5, 1.5]);
  });
});
