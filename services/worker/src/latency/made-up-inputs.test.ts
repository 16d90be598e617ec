import { datatypes, stringsOf, typedArrayOf, type Datatype } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { inputShape } from "./input-shape.ts";
import { madeUpInputs, madeUpLayouts } from "./made-up-inputs.ts";

function aSignature(shape: readonly number[], fields: { datatype?: Datatype; hasBatchAxis?: boolean } = {}) {
  const { datatype = "FP32", hasBatchAxis = true } = fields;
  return { inputs: [{ name: "x", datatype, shape }], outputs: [], hasBatchAxis };
}

describe("madeUpInputs()", () => {
  test.each(datatypes)("makes rows of %s", (datatype) => {
    const [input] = madeUpInputs(madeUpLayouts(aSignature([-1, -1], { datatype }), { items: 3, length: 5 }));
    if (input === undefined) throw new Error("there is no input");
    const tensor = { ...input, bytes: new Uint8Array(input.buffer) };
    expect(tensor.shape).toEqual([3, 5]);
    const elements = datatype === "BYTES" ? stringsOf(tensor) : [...typedArrayOf(tensor)].map(Number);
    const one = datatype === "BYTES" ? "" : datatype === "FP16" ? 0x3c00 : 1;
    expect(elements).toEqual(Array.from({ length: 15 }, () => one));
  });

  test("shares the length among several open axes, and leaves the others", () => {
    const signature = aSignature([-1, 3, -1, -1]);
    const inputs = madeUpInputs(madeUpLayouts(signature, { items: 2, length: 256 }));
    expect(inputs[0]?.shape).toEqual([2, 3, 16, 16]);
    expect(inputShape(signature, inputs)).toEqual({ items: 2, length: 256 });
  });

  test("takes the first axis for a part of the row where it is no batch axis", () => {
    const signature = aSignature([-1, 4], { hasBatchAxis: false });
    const inputs = madeUpInputs(madeUpLayouts(signature, { items: 1, length: 16 }));
    expect(inputs[0]?.shape).toEqual([16, 4]);
    expect(inputShape(signature, inputs)).toEqual({ items: 1, length: 16 });
  });
});
