import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { decodeJsonRequest, isJsonPayload } from "./json-request.ts";
import { encodeRequestPack } from "./request-pack.ts";
import { requestDefaults } from "./requests.ts";
import { tensorOf, type TensorValue } from "./tensor-values.ts";
import type { Datatype } from "./tensor.ts";

const encoder = new TextEncoder();

function decode(document: unknown): ReturnType<typeof decodeJsonRequest> {
  return decodeJsonRequest(encoder.encode(JSON.stringify(document)));
}

function anInput(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { name: "x", shape: [2], datatype: "FP32", data: [1, 2], ...fields };
}

describe("isJsonPayload()", () => {
  test("tells a document from a pack", () => {
    expect(isJsonPayload(encoder.encode('{"inputs":[]}'))).toBe(true);
    expect(isJsonPayload(encoder.encode('\r\n\t {"inputs":[]}'))).toBe(true);
    expect(isJsonPayload(encodeRequestPack([]))).toBe(false);
    expect(isJsonPayload(new Uint8Array())).toBe(false);
  });
});

describe("decodeJsonRequest()", () => {
  test("fills what the document does not say with defaults, and asks for JSON", () => {
    expect(decode({ inputs: [anInput()] })).toEqual({
      ...requestDefaults,
      id: "",
      accept: "json",
      inputs: [{ name: "x", datatype: "FP32", shape: [2] }],
      body: [tensorOf("x", [1, 2]).bytes],
    });
  });

  test("takes timeout_ms, queue_timeout_ms, priority and stream from the parameters and leaves the others to the model", () => {
    const parameters = {
      timeout_ms: 250.5,
      queue_timeout_ms: 40,
      priority: -3,
      stream: true,
      top: 5,
      mode: "a",
      exact: false,
    };
    expect(decode({ id: "r-1", parameters, inputs: [], outputs: [{ name: "y" }] })).toMatchObject({
      id: "r-1",
      timeoutMs: 250.5,
      queueTimeoutMs: 40,
      priority: -3,
      stream: true,
      parameters: { top: 5, mode: "a", exact: false },
      outputs: ["y"],
    });
  });

  test.each<readonly [Datatype, readonly unknown[], TensorValue]>([
    ["BOOL", [true, false], [true, false]],
    ["UINT8", [0, 255], Uint8Array.of(0, 255)],
    ["UINT16", [0, 65_535], Uint16Array.of(0, 65_535)],
    ["UINT32", [0, 4_294_967_295], Uint32Array.of(0, 4_294_967_295)],
    [
      "UINT64",
      [9_007_199_254_740_991, "18446744073709551615"],
      BigUint64Array.of(2n ** 53n - 1n, 2n ** 64n - 1n),
    ],
    ["INT8", [-128, 127], Int8Array.of(-128, 127)],
    ["INT16", [-32_768, 32_767], Int16Array.of(-32_768, 32_767)],
    ["INT32", [-2_147_483_648, 2_147_483_647], Int32Array.of(-2_147_483_648, 2_147_483_647)],
    ["INT64", ["-9223372036854775808", -1], BigInt64Array.of(-(2n ** 63n), -1n)],
    ["FP16", [1, "-Infinity"], Uint16Array.of(0x3c00, 0xfc00)],
    ["FP32", [0.1, "NaN"], Float32Array.of(0.1, NaN)],
    ["FP64", [0.1, "Infinity"], Float64Array.of(0.1, Infinity)],
    ["BYTES", ["é", ""], ["é", ""]],
  ])("reads %s", (datatype, data, value) => {
    const { body } = decode({ inputs: [anInput({ datatype, data })] });
    expect(body).toEqual([tensorOf("x", value).bytes]);
  });

  test("reads nested data like flat data, for any shape", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, (shape) => {
        const flat = Array.from(
          { length: shape.reduce((product, size) => product * size, 1) },
          (_, index) => index,
        );
        const nested = shape
          .slice(1)
          .reduceRight<readonly unknown[]>((level, size) => rowsOf(level, size), flat);
        expect(decode({ inputs: [anInput({ shape, data: nested })] })).toEqual(
          decode({ inputs: [anInput({ shape, data: flat })] }),
        );
      }),
    );
  });

  test.each<readonly [string, unknown, string]>([
    ["a list", [], '"request" is a list of 0, expected a map'],
    ["no inputs", {}, '"inputs" is missing, expected a list'],
    ["an id that is no token", { id: "a.b", inputs: [] }, '"id" is "a.b"'],
    ["a priority out of range", { inputs: [], parameters: { priority: 101 } }, '"priority" is 101'],
    ["a timeout in words", { inputs: [], parameters: { timeout_ms: "1s" } }, '"timeout_ms" is "1s"'],
    ["a nested parameter", { inputs: [], parameters: { k: {} } }, '"parameters.k" is a map'],
    ["an unknown datatype", { inputs: [anInput({ datatype: "BF16" })] }, "a datatype such as FP32"],
    ["a negative size", { inputs: [anInput({ shape: [-1] })] }, "sizes from 0 on, not -1"],
    ["data that is no list", { inputs: [anInput({ data: 3 })] }, '"data of input x" is 3, expected a list'],
    [
      "missing elements",
      { inputs: [anInput({ shape: [3] })] },
      'input "x" has 2 elements, expected 3 for shape [3]',
    ],
    ["a shape larger than the document", { inputs: [anInput({ shape: [1e9] })] }, "expected 1000000000"],
    [
      "ragged rows",
      { inputs: [anInput({ shape: [2, 1], data: [[1], [2, 3]] })] },
      "a list of 2 at axis 1, expected a list of 1",
    ],
    [
      "data nested too deeply",
      { inputs: [anInput({ data: [[1], [2]] })] },
      'element 0 of input "x" is a list of 1',
    ],
    [
      "a null",
      { inputs: [anInput({ data: [1, null] })] },
      'element 1 of input "x" is null, expected a number',
    ],
    ["text for a number", { inputs: [anInput({ data: [1, "2"] })] }, 'element 1 of input "x" is "2"'],
    [
      "a number that FP32 cannot hold",
      { inputs: [anInput({ data: [1, 1e39] })] },
      'element 1 of input "x" is 1e+39, expected a number of at most 3.4028234663852886e+38',
    ],
    [
      "a number that FP16 cannot hold",
      { inputs: [anInput({ datatype: "FP16", data: [1, -65_520] })] },
      "expected a number of at most 65504",
    ],
    [
      "a fraction",
      { inputs: [anInput({ datatype: "INT32", data: [1, 2.5] })] },
      "from -2147483648 to 2147483647 for INT32",
    ],
    [
      "an integer out of range",
      { inputs: [anInput({ datatype: "UINT8", data: [1, 256] })] },
      "from 0 to 255 for UINT8",
    ],
    [
      "a rounded integer",
      { inputs: [anInput({ datatype: "INT64", data: [1, 2 ** 53] })] },
      "as a string of digits",
    ],
    [
      "too many digits",
      { inputs: [anInput({ datatype: "UINT64", data: [1, "18446744073709551616"] })] },
      "for UINT64",
    ],
    [
      "a flag as a number",
      { inputs: [anInput({ datatype: "BOOL", data: [1, 0] })] },
      "expected true or false for BOOL",
    ],
    [
      "a number as text",
      { inputs: [anInput({ datatype: "BYTES", data: ["a", 1] })] },
      "expected a string for BYTES",
    ],
  ])("refuses %s", (_name, document, expected) => {
    expect(() => decode(document)).toThrow(InferenceError);
    expect(() => decode(document)).toThrow(expected);
  });

  test("refuses a number that no double holds, which JSON.parse takes for infinity", () => {
    const text = '{"inputs":[{"name":"x","datatype":"FP64","shape":[2],"data":[1,-1e400]}]}';
    expect(() => decodeJsonRequest(encoder.encode(text))).toThrow(
      'element 1 of input "x" is beyond 1.7976931348623157e+308, expected a smaller number, or "Infinity"',
    );
  });

  test("takes the largest number that a datatype holds, and what rounds to it", () => {
    const input = anInput({ datatype: "FP16", data: [65_504, -65_519] });
    expect(Buffer.concat(decode({ inputs: [input] }).body)).toEqual(Buffer.of(0xff, 0x7b, 0xff, 0xfb));
  });

  const name = "x".repeat(100_000);
  const shown = `${"x".repeat(40)}…`;
  test.each<readonly [string, unknown, string]>([
    ["an input of another length", { inputs: [anInput({ name, shape: [3] })] }, `input "${shown}" has 2`],
    [
      "an input of wrong elements",
      { inputs: [anInput({ name, data: [1, null] })] },
      `of input "${shown}" is`,
    ],
    ["a ragged input", { inputs: [anInput({ name, shape: [2, 1], data: [[1], 2] })] }, `"${shown}" has 2 at`],
    ["an input without data", { inputs: [anInput({ name, data: 3 })] }, `"data of input ${shown}" is 3`],
    ["an input without a shape", { inputs: [anInput({ name, shape: 3 })] }, `"shape of input ${shown}" is 3`],
    ["an input without a datatype", { inputs: [anInput({ name, datatype: 3 })] }, `of input ${shown}" is 3`],
    ["a parameter", { inputs: [], parameters: { [name]: {} } }, `"parameters.${shown}" is a map`],
  ])("cuts the foreign name of %s", (_name, document, expected) => {
    expect(() => decode(document)).toThrow(expected);
  });

  test("refuses what is no JSON, or no UTF-8", () => {
    expect(() => decodeJsonRequest(encoder.encode('{"inputs":'))).toThrow("not a JSON document");
    expect(() => decodeJsonRequest(Uint8Array.of(0x7b, 0xff, 0x7d))).toThrow("not a JSON document");
  });

  test("throws nothing but invalidArgument for any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, data) => {
        for (const document of [
          value,
          { inputs: [anInput({ data })] },
          { inputs: value, parameters: data },
        ]) {
          try {
            decode(document);
          } catch (error) {
            if (!(error instanceof InferenceError) || error.code !== "invalidArgument") throw error;
          }
        }
      }),
    );
  });

  test("survives a document nested a million deep", () => {
    const data = `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;
    const document = `{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":${data}}]}`;
    expect(() => decodeJsonRequest(encoder.encode(document))).toThrow(InferenceError);
  });
});

function rowsOf(elements: readonly unknown[], size: number): readonly unknown[] {
  return Array.from({ length: elements.length / size }, (_, row) =>
    elements.slice(row * size, (row + 1) * size),
  );
}
