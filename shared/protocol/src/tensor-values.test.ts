import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkBody, splitBody } from "./body.ts";
import { byteLengthOf, elementCount, elementSize } from "./datatype.ts";
import {
  encodeStrings,
  stringsOf,
  tensorOf,
  typedArrayOf,
  type TensorArray,
  type TensorValue,
} from "./tensor-values.ts";
import { datatypes, type Datatype, type Tensor } from "./tensor.ts";

const arrays: readonly (readonly [Datatype, TensorArray])[] = [
  ["UINT8", Uint8Array.of(0, 255)],
  ["UINT16", Uint16Array.of(0, 65_535)],
  ["UINT32", Uint32Array.of(0, 4_294_967_295)],
  ["UINT64", BigUint64Array.of(0n, 2n ** 64n - 1n)],
  ["INT8", Int8Array.of(-128, 127)],
  ["INT16", Int16Array.of(-32_768, 32_767)],
  ["INT32", Int32Array.of(-2_147_483_648, 2_147_483_647)],
  ["INT64", BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)],
  ["FP32", Float32Array.of(-0, NaN, Infinity, 0.1)],
  ["FP64", Float64Array.of(-0, NaN, -Infinity, 0.1)],
];

describe("tensorOf() and typedArrayOf()", () => {
  test.each(arrays)("keep the elements of %s", (datatype, array) => {
    const tensor = tensorOf("x", array);
    expect(tensor).toMatchObject({ name: "x", datatype, shape: [array.length] });
    expect(typedArrayOf(tensor)).toEqual(array);
  });

  test.each(arrays)("read %s from bytes at any offset", (_datatype, array) => {
    const tensor = tensorOf("x", array);
    const buffer = Buffer.alloc(tensor.bytes.byteLength + 1);
    buffer.set(tensor.bytes, 1);
    expect([...typedArrayOf({ ...tensor, bytes: buffer.subarray(1) })]).toEqual([...array]);
  });

  test.each<readonly [Datatype, TensorValue & readonly unknown[], readonly number[]]>([
    ["FP32", [1, 2.5], [0, 0, 128, 63, 0, 0, 32, 64]],
    ["BOOL", [true, false], [1, 0]],
    ["INT64", [-2n], [254, 255, 255, 255, 255, 255, 255, 255]],
    ["BYTES", ["é", ""], [2, 0, 0, 0, 195, 169, 0, 0, 0, 0]],
  ])("make %s of a plain list", (datatype, value, bytes) => {
    const tensor = { name: "x", datatype, shape: [value.length], bytes: Uint8Array.from(bytes) };
    expect(tensorOf("x", value)).toEqual(tensor);
  });

  test("make a scalar of one string", () => {
    expect(tensorOf("x", "hi")).toMatchObject({ datatype: "BYTES", shape: [] });
  });

  test("look into a typed array instead of copying it", () => {
    const array = new Float32Array(4).subarray(1, 3);
    const tensor = tensorOf("x", array);
    expect(tensor.bytes.buffer).toBe(array.buffer);
    expect(tensor.bytes.byteOffset).toBe(4);
  });

  test("refuse a shape with another number of elements", () => {
    expect(() => tensorOf("x", [1, 2, 3], [2, 2])).toThrow(
      'tensor "x" has 3 elements, expected 4 for shape [2,2]',
    );
  });

  test("refuse a number of a list that FP32 cannot hold, but no infinity", () => {
    expect(() => tensorOf("x", [1, -1e39])).toThrow(
      'element 1 of tensor "x" is -1e+39, expected a number of at most 3.4028234663852886e+38 for FP32',
    );
    expect(typedArrayOf(tensorOf("x", [Infinity, NaN, 3.4e38]))).toEqual(
      Float32Array.of(Infinity, NaN, 3.4e38),
    );
  });

  test("take arrays of another realm, as of a test runner, for what they are", () => {
    const array: Float32Array = runInNewContext("Float32Array.of(1, 2.5)");
    expect(tensorOf("x", array)).toMatchObject({ datatype: "FP32", shape: [2] });
    const list: number[] = runInNewContext("[1, 2.5]");
    expect(tensorOf("x", list)).toMatchObject({ datatype: "FP32", shape: [2] });
  });

  test("take a Float16Array, where the platform has them, as FP16", () => {
    const halves: unknown = Reflect.get(globalThis, "Float16Array");
    if (typeof halves !== "function") return;
    const array = Reflect.construct(halves, [[1, -2]]);
    expect(tensorOf("x", array)).toMatchObject({ datatype: "FP16", shape: [2] });
    expect(typedArrayOf(tensorOf("x", array))).toEqual(Uint16Array.of(0x3c00, 0xc000));
  });

  test.each([
    [null],
    [undefined],
    [5],
    [{}],
    [{ length: 1, 0: 1 }],
    [new ArrayBuffer(4)],
    [new DataView(new ArrayBuffer(4))],
  ])("refuse %o, which is no elements", (value) => {
    expect(() => Reflect.apply(tensorOf, undefined, ["x", value])).toThrowError(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringMatching(/^tensor "x" is .*, expected a typed array, a string or a flat list$/),
      }),
    );
  });

  test("refuse bytes that do not fit, and BYTES", () => {
    const tensor: Tensor = { name: "x", datatype: "FP32", shape: [2], bytes: new Uint8Array(7) };
    expect(() => typedArrayOf(tensor)).toThrow('tensor "x" has 7 bytes, expected 8 for FP32 [2]');
    expect(() => typedArrayOf(tensorOf("x", "hi"))).toThrow('tensor "x" is BYTES');
  });
});

describe("stringsOf()", () => {
  test("reads what encodeStrings() wrote", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (strings) => {
        const bytes = encodeStrings(strings);
        expect(stringsOf({ name: "x", datatype: "BYTES", shape: [strings.length], bytes })).toEqual(strings);
      }),
    );
  });

  test("keeps U+FEFF at the start of a text", () => {
    const bytes = encodeStrings(["\uFEFFa", "\uFEFF"]);
    expect(stringsOf({ name: "x", datatype: "BYTES", shape: [2], bytes })).toEqual(["\uFEFFa", "\uFEFF"]);
  });

  test("refuses another datatype, and lengths that point beyond the end", () => {
    expect(() => stringsOf(tensorOf("x", [1]))).toThrow('tensor "x" is FP32, expected BYTES');
    const bytes = Uint8Array.of(255, 255, 255, 255, 1);
    expect(() => stringsOf({ name: "x", datatype: "BYTES", shape: [1], bytes })).toThrow("expected more");
  });
});

describe("splitBody()", () => {
  const tensors = [
    tensorOf("a", Float32Array.of(1, 2)),
    tensorOf("b", ["x", "yz"]),
    tensorOf("c", Uint8Array.of(7)),
  ];
  const bytes = Uint8Array.from(tensors.flatMap((tensor) => [...tensor.bytes]));

  test("cuts a body into its tensors, however it is chunked", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.byteLength })), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), bytes.byteLength];
        const chunks = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
        expect(splitBody(tensors, chunks)).toEqual(tensors);
      }),
    );
  });

  test("gives views into a body of one chunk", () => {
    expect(splitBody(tensors, [bytes]).every((tensor) => tensor.bytes.buffer === bytes.buffer)).toBe(true);
  });

  test("refuses a body of another length, as checkBody() does", () => {
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(() => splitBody(tensors, [bytes.subarray(0, length)])).toThrow("expected");
      expect(() => checkBody(tensors, [bytes.subarray(0, length)])).toThrow("expected");
    }
    expect(() => checkBody(tensors, [bytes, Uint8Array.of(0)])).toThrow(
      "the tensors take 20 bytes, but the body has 21",
    );
    expect(() => checkBody([], [])).not.toThrow();
  });
});

test("byteLengthOf() is elements times element size, and unknown for BYTES", () => {
  for (const datatype of datatypes) {
    const size = elementSize(datatype);
    const expected = size === undefined ? undefined : size * 6;
    expect(byteLengthOf({ name: "x", datatype, shape: [2, 3] })).toBe(expected);
  }
  expect(elementCount([])).toBe(1);
  expect(elementCount([3, 0])).toBe(0);
});
