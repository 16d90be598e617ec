import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { checkPlainMsgpack } from "./msgpack-check.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";

const foreign = new Packr({ useRecords: false, moreTypes: true, structuredClone: true });

describe("checkPlainMsgpack()", () => {
  test.each([
    ["a list that claims 2^32 - 1 elements", [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ["a map that claims 2^32 - 1 entries", [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ["a string longer than the message", [0xdb, 0x7f, 0xff, 0xff, 0xff, 0x61]],
    ["bytes longer than the message", [0xc6, 0xff, 0xff, 0xff, 0xff]],
    [
      "lists in lists that each claim what is left",
      Array.from({ length: 11 }, () => [0xdc, 0x00, 0x20]).flat(),
    ],
    ["a number that is cut off", [0xcb, 0x00]],
    ["nothing", []],
  ])("refuses %s as cut off", (_name, bytes) => {
    expect(() => checkPlainMsgpack(Uint8Array.from(bytes))).toThrow("the message is cut off");
  });

  test.each([
    ["an error", new Error("no")],
    ["a pattern", /(a+)+$/],
    ["a set", new Set([1])],
    ["a typed array", new Float32Array(2)],
    ["undefined", undefined],
  ])("refuses %s", (_name, value) => {
    expect(() => checkPlainMsgpack(foreign.pack({ value }))).toThrow("no plain msgpack value");
  });

  test("refuses a record definition", () => {
    const records = new Packr({ useRecords: true }).pack([{ a: 1 }, { a: 2 }]);
    expect(() => checkPlainMsgpack(records)).toThrow("no plain msgpack value");
  });

  test("refuses what is nested too deeply, however deep", () => {
    const nested = (depth: number): Uint8Array =>
      Uint8Array.from({ length: depth + 1 }, (_, index) => (index < depth ? 0x91 : 0x01));
    expect(() => checkPlainMsgpack(nested(12))).not.toThrow();
    expect(() => checkPlainMsgpack(nested(13))).toThrow("nested deeper than 12");
    expect(() => checkPlainMsgpack(nested(1_000_000))).toThrow("nested deeper than 12");
  });

  test("refuses bytes after the value", () => {
    expect(() => checkPlainMsgpack(Uint8Array.of(0x01, 0x02))).toThrow("ends after 1 of its 2 bytes");
  });
});

describe("fromMsgpack()", () => {
  test("reads plain values of every size", () => {
    const value = {
      numbers: [0, -1, 127, 128, -129, 65_536, -70_000, 2 ** 40, 0.5],
      texts: ["", "a".repeat(31), "b".repeat(300), "c".repeat(70_000)],
      flags: [true, false, null],
      list: Array.from({ length: 70_000 }, (_, index) => index & 0x7f),
      map: Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index])),
    };
    expect(fromMsgpack(toMsgpack(value))).toEqual(value);
  });

  test("never changes a prototype", () => {
    const hostile = Uint8Array.of(
      0x81,
      0xa9,
      ...new TextEncoder().encode("__proto__"),
      0x81,
      0xa1,
      0x78,
      0x01,
    );
    const value = fromMsgpack(hostile);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value).not.toHaveProperty("x");
  });
});
