import { describe, expect, test } from "vitest";
import { checkBody } from "./body.ts";
import { checkRequest } from "./check-request.ts";
import { InferenceError } from "./error.ts";
import type { InferenceRequest } from "./request.ts";
import { requestDefaults } from "./requests.ts";
import type { ModelSignature } from "./signature.ts";
import { tensorOf } from "./tensor-values.ts";
import type { Tensor } from "./tensor.ts";

const signature: ModelSignature = {
  name: "scores",
  version: "1",
  forms: [
    {
      name: "tensors",
      inputs: [
        { name: "ids", datatype: "INT64", shape: [-1, -1] },
        { name: "freq", datatype: "FP32", shape: [-1, 3] },
      ],
      outputs: [{ name: "score", datatype: "FP32", shape: [-1] }],
    },
    {
      name: "text",
      inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }],
      outputs: [{ name: "label", datatype: "BYTES", shape: [-1] }],
    },
  ],
  parameters: [
    { name: "top", type: "number", minimum: 1, maximum: 5 },
    { name: "mode", type: "string" },
  ],
  hasBatchAxis: true,
  maxBatchSize: 4,
  isIterative: false,
};

const ids = (items: number, length = 2): Tensor =>
  tensorOf("ids", new BigInt64Array(items * length), [items, length]);
const freq = (items: number, length = 3): Tensor =>
  tensorOf("freq", new Float32Array(items * length), [items, length]);

function aRequest(tensors: readonly Tensor[], fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return { ...requestDefaults, id: "a", inputs: tensors, body: tensors.map(({ bytes }) => bytes), ...fields };
}

describe("checkRequest()", () => {
  test.each([
    ["tensors", 2, aRequest([ids(2), freq(2)])],
    ["tensors", 4, aRequest([freq(4), ids(4, 9)])],
    ["text", 1, aRequest([tensorOf("text", ["hello"])])],
    [
      "text",
      1,
      aRequest([tensorOf("text", ["a"])], { outputs: ["label"], parameters: { top: 5, mode: "x" } }),
    ],
  ])("finds the form %s with %d items", (name, items, request) => {
    const checked = checkRequest(signature, request);
    expect(checked.form.name).toBe(name);
    expect(checked.items).toBe(items);
  });

  test("takes as many items as a request may have, which may be more than a batch has", () => {
    const large = { ...signature, maxRequestItems: 6 };
    expect(checkRequest(large, aRequest([ids(6), freq(6)])).items).toBe(6);
    expect(() => checkRequest(large, aRequest([ids(7), freq(7)]))).toThrow(
      "have 7 items, expected at most 6",
    );
  });

  test("counts one item, whatever the shapes, where the model has no batch axis", () => {
    const single = { ...signature, hasBatchAxis: false, maxBatchSize: 1 };
    expect(checkRequest(single, aRequest([ids(2), freq(3)])).items).toBe(1);
  });

  const text = tensorOf("text", ["a"]);
  test.each<readonly [string, InferenceRequest, string]>([
    ["a missing input", aRequest([ids(1)]), 'the inputs are "ids", expected "ids", "freq", or "text"'],
    ["no inputs", aRequest([]), 'the inputs are none, expected "ids", "freq", or "text"'],
    ["inputs of two forms", aRequest([ids(1), freq(1), text]), 'the inputs are "ids", "freq", "text"'],
    ["an input given twice", aRequest([ids(1), ids(1)]), 'the inputs are "ids", "ids"'],
    ["a foreign input", aRequest([{ ...text, name: "toString" }]), 'the inputs are "toString"'],
    ["another datatype", aRequest([tensorOf("text", [1])]), 'input "text" is FP32, expected BYTES'],
    ["another rank", aRequest([{ ...text, shape: [1, 1] }]), 'input "text" has shape [1,1], expected [-1]'],
    ["another size", aRequest([ids(2), freq(2, 10)]), 'input "freq" has shape [2,10], expected [-1,3]'],
    ["unequal items", aRequest([ids(2), freq(3)]), 'input "freq" has 3 items, expected 2 as "ids"'],
    ["no items", aRequest([ids(0), freq(0)]), "the inputs have no items, expected 1 to 4"],
    ["too many items", aRequest([ids(5), freq(5)]), "the inputs have 5 items, expected at most 4"],
    [
      "a short body",
      aRequest([text], { body: [] }),
      'tensor "text" has 0 bytes, expected more for BYTES [1]',
    ],
    ["a long body", aRequest([text], { body: [text.bytes, text.bytes] }), "but the body has 10"],
    [
      "a lying length",
      aRequest([text], { body: [Uint8Array.of(9, 0, 0, 0, 1)] }),
      "has 5 bytes, expected more",
    ],
    [
      "an unknown output",
      aRequest([text], { outputs: ["score"] }),
      'output "score" is unknown, expected "label"',
    ],
    [
      "an unknown parameter",
      aRequest([text], { parameters: { constructor: 1 } }),
      'parameter "constructor" is unknown, expected "top", "mode"',
    ],
    [
      "a parameter of another type",
      aRequest([text], { parameters: { mode: 3 } }),
      'parameter "mode" is 3, expected a string',
    ],
    [
      "a parameter out of range",
      aRequest([text], { parameters: { top: 6 } }),
      'parameter "top" is 6, expected a number of at least 1 and at most 5',
    ],
  ])("refuses %s", (_name, request, expected) => {
    expect(() => checkRequest(signature, request)).toThrow(InferenceError);
    expect(() => checkRequest(signature, request)).toThrow(expected);
  });

  const long = "x".repeat(100_000);
  const shown = `"${"x".repeat(40)}…"`;
  test.each<readonly [string, InferenceRequest, string]>([
    ["an output", aRequest([text], { outputs: [long] }), `output ${shown} is unknown`],
    ["a parameter", aRequest([text], { parameters: { [long]: 1 } }), `parameter ${shown} is unknown`],
    ["an input", aRequest([{ ...text, name: long }]), `the inputs are ${shown}, expected "ids"`],
  ])("cuts the foreign name of %s", (_name, request, expected) => {
    expect(() => checkRequest(signature, request)).toThrow(expected);
  });

  test("lists eight names and counts the others", () => {
    const inputs = Array.from({ length: 256 }, (_, index) => ({ ...text, name: `i${index}` }));
    expect(() => checkRequest(signature, aRequest(inputs))).toThrow(
      'the inputs are "i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7" and 248 more, expected "ids"',
    );
  });

  test("cuts the foreign name of a tensor whose body is short", () => {
    const layout = { name: long, datatype: "FP32" as const, shape: [1] };
    expect(() => checkBody([layout], [])).toThrow(`tensor ${shown} has 0 bytes`);
  });
});
