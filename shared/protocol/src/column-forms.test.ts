import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formOf, readCells, writeCells, type ColumnForm } from "./column-forms.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";

function travelled(form: ColumnForm, cells: readonly unknown[]): unknown {
  return fromMsgpack(toMsgpack(writeCells(form, cells)));
}

const word = fc.stringMatching(/^[!-~]{0,20}$/);
const cells: readonly (readonly [ColumnForm, fc.Arbitrary<unknown[]>])[] = [
  ["list", fc.array(fc.oneof(fc.string(), fc.boolean(), fc.integer()), { minLength: 1 })],
  ["words", fc.array(word, { minLength: 1 })],
  ["numbers", fc.array(fc.double({ noNaN: true }), { minLength: 1 })],
];

describe("writeCells()", () => {
  test.each(cells)("writes %s that are read as they were, in their own form", (form, arbitrary) => {
    fc.assert(
      fc.property(arbitrary, (values) => {
        const written = travelled(form, values);
        expect(readCells("x", written, values.length)).toEqual(values);
        expect(formOf(written)).toBe(form);
      }),
    );
  });

  test("writes numbers as little-endian float64", () => {
    expect(writeCells("numbers", [1, -2])).toEqual(
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0),
    );
  });
});

describe("readCells()", () => {
  test("reads numbers at any offset", () => {
    const message = new Uint8Array(19);
    message.set(writeCells("numbers", [1, 2]) as Uint8Array, 3);
    expect(readCells("x", message.subarray(3), 2)).toEqual([1, 2]);
  });

  test.each([
    ["a list that is too short", ["a"]],
    ["too many words", "a b c"],
    ["bytes for one and a half numbers", new Uint8Array(12)],
    ["bytes for one number", new Uint8Array(8)],
    ["a number", 2],
    ["a map", {}],
  ])("refuses %s", (_name, written) => {
    expect(() => readCells("x", written, 2)).toThrow(/"x" is .*, expected a column of 2/);
  });
});
