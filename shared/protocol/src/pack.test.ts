import { Unpackr } from "msgpackr";
import { describe, expect, test } from "vitest";
import type { Fields } from "./fields.ts";
import { toMsgpack } from "./msgpack.ts";
import type { InferenceRequest } from "./request.ts";
import { decodeRequestPack, encodeRequestPack } from "./request-pack.ts";
import { requestDefaults } from "./requests.ts";

const layout = { name: "x", datatype: "UINT8", shape: [1, 2] } as const;

function aRequest(id: string, fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return { ...requestDefaults, id, inputs: [layout], body: [Uint8Array.of(1, 2)], ...fields };
}

function partsOf(requests: readonly InferenceRequest[]): unknown {
  return new Unpackr({ useRecords: false }).unpack(encodeRequestPack(requests));
}

function numbers(...values: number[]): Uint8Array {
  return new Uint8Array(new Float64Array(values).buffer);
}

describe("encodeRequestPack()", () => {
  test("leaves defaults out, says equal values once and writes the rest in columns", () => {
    const requests = [aRequest("a", { timeoutMs: 5, cost: 1 }), aRequest("b", { timeoutMs: 5 })];
    expect(partsOf(requests)).toEqual([
      { count: 2, layouts: [[["x", "UINT8", 1, 2]]] },
      { timeoutMs: 5, bytes: 2 },
      { id: "a b", cost: numbers(1, 0) },
      Uint8Array.of(1, 2, 1, 2),
    ]);
  });

  test("lists equal layouts once, whether or not rows share the object", () => {
    const other = { ...layout, shape: [2, 1] };
    const requests = [
      aRequest("a"),
      aRequest("b", { inputs: [{ ...layout }] }),
      aRequest("c", { inputs: [other] }),
      aRequest("d"),
    ];
    expect(partsOf(requests)).toMatchObject([
      { layouts: [[["x", "UINT8", 1, 2]], [["x", "UINT8", 2, 1]]] },
      {},
      { layout: numbers(0, 0, 1, 0) },
      {},
    ]);
  });

  test("says an equal list or map once", () => {
    const same = (): Partial<InferenceRequest> => ({ outputs: ["y"], parameters: { k: 1 } });
    expect(partsOf([aRequest("a", same()), aRequest("b", same())])).toMatchObject([
      {},
      { outputs: ["y"], parameters: { k: 1 } },
      { id: "a b" },
      {},
    ]);
  });
});

describe("decodeRequestPack()", () => {
  test("gives rows of one layout the same object, and views into the message as bodies", () => {
    const message = encodeRequestPack([aRequest("a"), aRequest("b")]);
    const { requests } = decodeRequestPack(message);
    expect(requests[0]?.inputs).toBe(requests[1]?.inputs);
    expect(requests.every(({ body }) => body[0]?.buffer === message.buffer)).toBe(true);
  });

  test("reads the same from a view at any offset", () => {
    const message = encodeRequestPack([aRequest("a")]);
    const shifted = new Uint8Array(message.byteLength + 3);
    shifted.set(message, 3);
    expect(decodeRequestPack(shifted.subarray(3))).toEqual(decodeRequestPack(message));
  });

  test("reads a column in any form", () => {
    const body = Uint8Array.of();
    const rest = { count: 2, layouts: [[]] };
    const read = (columns: Fields): unknown => decodeRequestPack(toMsgpack([rest, {}, columns, body]));
    expect(read({ id: "a b", cost: numbers(1, 2) })).toEqual(read({ id: ["a", "b"], cost: [1, 2] }));
  });

  test("ignores fields it does not know", () => {
    const body = Uint8Array.of();
    const message = [{ count: 1, layouts: [[]], later: 1 }, { id: "a", later: {} }, { more: [1] }, body];
    expect(decodeRequestPack(toMsgpack(message)).requests).toEqual([
      { ...requestDefaults, id: "a", inputs: [], body: [body] },
    ]);
  });

  const none = Uint8Array.of();
  const three = Uint8Array.of(1, 2, 3);
  const head = { count: 2, layouts: [[]] };
  const ids = { id: ["a", "b"] };
  const withLayout = (...wire: unknown[]): unknown => [{ count: 0, layouts: [[wire]] }, {}, {}, none];
  const metadata = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, ""]));

  test.each<readonly [string, unknown, string]>([
    ["a map", {}, '"message" is a map, expected [head, same, columns, body]'],
    ["bytes", three, '"message" is bytes, expected [head, same, columns, body]'],
    ["a missing count", [{ layouts: [] }, {}, ids, none], '"count" is missing'],
    ["too many rows", [{ count: 65_537, layouts: [] }, {}, ids, none], "a whole number from 0 to 65536"],
    ["a short column", [head, {}, { id: ["a"] }, none], '"id" is a list of 1, expected a column of 2'],
    ["a word too few", [head, {}, { id: "a" }, none], '"id" is "a", expected a column of 2'],
    ["a word that is no token", [head, {}, { id: "a b.c" }, none], '"id" is "b.c"'],
    ["an empty word", [head, {}, { id: "a " }, none], '"id" is ""'],
    ["a word too long", [head, {}, { id: `a ${"b".repeat(65)}` }, none], '"id" is "bbb'],
    [
      "numbers that are none",
      [head, { priority: 1 }, { ...ids, cost: numbers(1, NaN) }, none],
      '"cost" is NaN',
    ],
    ["a missing id", [head, {}, {}, none], '"id" is missing'],
    ["an id that is no token", [head, {}, { id: ["a", "b.c"] }, none], '"id" is "b.c"'],
    ["bytes that add up to less", [head, { bytes: 1 }, ids, three], "the body has 3 bytes"],
    ["bytes that add up to more", [head, { bytes: 2 }, ids, three], "the body has 3 bytes"],
    ["a negative length", [head, {}, { ...ids, bytes: [4, -1] }, three], '"bytes" is -1'],
    ["an unlisted layout", [head, { layout: 1 }, ids, none], '"layout" is 1, expected a number below 1'],
    ["an unknown datatype", withLayout("x", "BF16", 1), '"layouts" is "BF16"'],
    ["a negative size", withLayout("x", "FP32", -1), "sizes from 0 on, not -1"],
    ["a shape beyond counting", withLayout("x", "FP32", 2 ** 30, 2 ** 30), "fewer elements"],
    ["an endless timeout", [head, { timeoutMs: Infinity }, ids, none], '"timeoutMs" is Infinity'],
    ["a priority out of range", [head, { priority: 101 }, ids, none], '"priority" is 101'],
    ["no items", [head, { items: 0 }, ids, none], '"items" is 0'],
    ["a body of text", [head, {}, ids, "body"], '"body" is "body", expected bytes'],
    ["a nested parameter", [head, { parameters: { k: [1] } }, ids, none], '"parameters.k" is a list of 1'],
    ["too much metadata", [head, { metadata }, ids, none], '"metadata" has 17 entries, expected at most 16'],
  ])("refuses %s", (_name, message, expected) => {
    expect(() => decodeRequestPack(toMsgpack(message))).toThrow(expected);
  });
});
