import { stringsOf, typedArrayOf, type TensorArray } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { toTensors, type InputValue } from "./inputs.ts";

describe("toTensors()", () => {
  test.each<[string, InputValue, object, TensorArray | string[]]>([
    ["a string", "hi", { datatype: "BYTES", shape: [1] }, ["hi"]],
    ["strings", ["a", "ö"], { datatype: "BYTES", shape: [2] }, ["a", "ö"]],
    ["numbers", [1, 2.5], { datatype: "FP32", shape: [2] }, Float32Array.of(1, 2.5)],
    ["a typed array", BigInt64Array.of(1n), { datatype: "INT64", shape: [1] }, BigInt64Array.of(1n)],
    [
      "a shape",
      { data: Float32Array.of(1, 2), shape: [2, 1] },
      { datatype: "FP32", shape: [2, 1] },
      Float32Array.of(1, 2),
    ],
    ["a shaped string", { data: "hi", shape: [1, 1] }, { datatype: "BYTES", shape: [1, 1] }, ["hi"]],
    [
      "numbers of a datatype",
      { data: [1, 2], shape: [1, 2], datatype: "INT64" },
      { datatype: "INT64", shape: [1, 2] },
      BigInt64Array.of(1n, 2n),
    ],
    [
      "bigints of a datatype",
      { data: [7n], datatype: "INT32" },
      { datatype: "INT32", shape: [1] },
      Int32Array.of(7),
    ],
    [
      "booleans",
      { data: [true, false], datatype: "BOOL" },
      { datatype: "BOOL", shape: [2] },
      Uint8Array.of(1, 0),
    ],
    [
      "bits of FP16",
      { data: Uint16Array.of(15_360), datatype: "FP16" },
      { datatype: "FP16", shape: [1] },
      Uint16Array.of(15_360),
    ],
    [
      "a tensor",
      { name: "y", datatype: "UINT8", shape: [2], bytes: Uint8Array.of(3, 4) },
      { name: "x", datatype: "UINT8", shape: [2] },
      Uint8Array.of(3, 4),
    ],
  ])("takes %s", (...[, value, layout, elements]) => {
    const [tensor] = toTensors({ x: value });
    if (tensor === undefined) throw new Error("no tensor was made");
    expect(tensor).toMatchObject({ name: "x", ...layout });
    expect(tensor.datatype === "BYTES" ? stringsOf(tensor) : typedArrayOf(tensor)).toEqual(elements);
  });

  test.each<[string, InputValue, RegExp]>([
    ["beyond its range", { data: [300], datatype: "UINT8" }, /element 0 .* is 300, expected a whole number/],
    [
      "with a fraction",
      { data: [1, 1.5], datatype: "INT32" },
      /element 1 .* is 1.5, expected a whole number/,
    ],
    ["below 0", { data: [-1n], datatype: "UINT64" }, /element 0 .* is -1, expected a whole number from 0/],
    [
      "of 64 bits and more",
      { data: [2n ** 63n] },
      /is 9223372036854775808, expected a whole number of 64 bits/,
    ],
    ["that is no truth value", { data: [5], datatype: "BOOL" }, /is 5, expected true or false/],
    [
      "that is left out among texts",
      { data: Object.assign(Array<string>(3), { 0: "a", 2: "b" }) },
      /element 0 .* is "a", expected elements of one type/,
    ],
    [
      "that is left out among truth values",
      { data: Object.assign(Array<boolean>(3), { 0: true, 2: true }) },
      /element 0 .* is true, expected elements of one type/,
    ],
    [
      "that is left out, of a datatype",
      { data: Object.assign(Array<string>(3), { 0: "a", 2: "b" }), datatype: "BYTES" },
      /element 0 .* is "a", expected elements of one type/,
    ],
    [
      "in lists of lists",
      { data: JSON.parse("[[1, 2]]") },
      /element 0 .* is a list of 2, expected elements of one type, flat/,
    ],
    [
      "of another type",
      { data: [...JSON.parse("[1]"), 2n] },
      /element 1 .* is 2, expected elements of one type/,
    ],
  ])("refuses an element %s instead of taking it for another", (_what, value, message) => {
    expect(() => toTensors({ x: value })).toThrow(message);
  });

  test("takes 0 and 1 for truth values", () => {
    const [tensor] = toTensors({ x: { data: [0, 1], datatype: "BOOL" } });
    expect(tensor?.bytes).toEqual(Uint8Array.of(0, 1));
  });

  test("keeps the order of the inputs", () => {
    expect(toTensors({ b: [1], a: [2] }).map(({ name }) => name)).toEqual(["b", "a"]);
  });

  test.each<[string, InputValue]>([
    ["too few elements for the shape", { data: [1], shape: [2] }],
    ["negative sizes", { data: [1, 2], shape: [-1, -2] }],
    ["sizes that are no whole numbers", { data: [1, 2], shape: [0.5, 4] }],
    ["more than 32 axes", { data: [1], shape: Array.from({ length: 33 }, () => 1) }],
    ["an unknown datatype", { data: Uint8Array.of(1), shape: [1], datatype: JSON.parse('"BF16"') }],
    [
      "a tensor of an unknown datatype",
      { name: "y", datatype: JSON.parse('"BF16"'), shape: [0], bytes: new Uint8Array() },
    ],
    [
      "a tensor with negative sizes",
      { name: "y", datatype: "UINT8", shape: [-1, -1], bytes: new Uint8Array(1) },
    ],
    ["too few bytes for the datatype", { data: Uint16Array.of(1, 2, 3), shape: [2], datatype: "FP16" }],
    ["bytes that are no whole elements", { data: Uint8Array.of(1), datatype: "FP32" }],
    ["a tensor with too few bytes", { name: "y", datatype: "FP32", shape: [2], bytes: new Uint8Array(4) }],
    ["fractions for whole numbers", { data: [1.5], datatype: "INT64" }],
    ["numbers for FP16", { data: [1], datatype: "FP16" }],
    ["strings for a number", { data: ["1"], datatype: "FP32" }],
    ["encoded strings without a shape", { data: Uint8Array.of(0, 0, 0, 0), datatype: "BYTES" }],
  ])("refuses %s with invalidArgument that names the input", (_case, value) => {
    expect(() => toTensors({ x: value })).toThrowError(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringMatching(/(input|tensor) "?x"/),
      }),
    );
  });

  test.each<[string, unknown]>([
    ["no elements", { data: null }],
    ["a number for elements", { data: 5, datatype: "FP32" }],
    ["an object for elements", { data: {}, shape: [1] }],
    ["an ArrayBuffer for elements", { data: new ArrayBuffer(4), datatype: "FP32" }],
    ["a DataView for elements", { data: new DataView(new ArrayBuffer(4)), datatype: "FP32" }],
    ["a String object for elements", { data: Object("text") }],
    ["a misspelled datatype", { data: [1], shape: [1], dtype: "INT64" }],
    ["a misspelled shape", { data: [1], shap: [1, 1] }],
    ["an array that was given away", givenAway()],
    ["elements that were given away", { data: givenAway(), datatype: "FP32" }],
    ["a tensor without bytes", { datatype: "UINT8", shape: [1], bytes: undefined }],
    ["a text for bytes", { datatype: "UINT8", shape: [1], bytes: "x" }],
    ["a list for bytes", { datatype: "UINT8", shape: [1], bytes: [7] }],
    ["elements for bytes", { datatype: "UINT8", shape: [1], bytes: Float32Array.of(7) }],
    ["an ArrayBuffer for bytes", { datatype: "BYTES", shape: [0], bytes: new ArrayBuffer(0) }],
    ["bytes that were given away", { datatype: "BYTES", shape: [1], bytes: givenAway() }],
    ["a number", 5],
    ["nothing", undefined],
  ])("refuses %s with invalidArgument that names the input", (_case, value) => {
    expect(() => Reflect.apply(toTensors, undefined, [{ x: value }])).toThrowError(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringMatching(/(input|tensor) "x"/),
      }),
    );
  });

  test.each([[["a text"]], ["a text"], [null], [undefined]])(
    "refuses inputs that are %o: they have no names",
    (inputs) => {
      expect(() => Reflect.apply(toTensors, undefined, [inputs])).toThrowError(
        expect.objectContaining({
          code: "invalidArgument",
          message: expect.stringMatching(/^inputs are .*, expected an object of name and value$/),
        }),
      );
    },
  );

  test("takes an entry of an Open Inference Protocol document, which has its name in it", () => {
    const [tensor] = toTensors({ x: Object({ name: "y", datatype: "INT64", shape: [1], data: [7] }) });
    expect(tensor).toMatchObject({ name: "x", datatype: "INT64" });
  });

  test("refuses a call without inputs", () => {
    expect(() => toTensors({})).toThrowError(expect.objectContaining({ code: "invalidArgument" }));
  });

  test("refuses more than 256 inputs", () => {
    const inputs = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`x${index}`, [1]]));
    expect(() => toTensors(inputs)).toThrowError(
      expect.objectContaining({ code: "invalidArgument", message: "inputs are 257, expected at most 256" }),
    );
  });
});

/** Bytes whose buffer went to another thread. */
function givenAway(): Uint8Array {
  const bytes = new Uint8Array(4);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}
