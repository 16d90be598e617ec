import { describe, expect, test } from "vitest";

import { aRowRequest } from "../fixtures/worker-fixture.ts";
import type { TensorPart } from "./engine-run-plan.ts";
import { joinInputs } from "./join-inputs.ts";

const form = {
  kind: "tensors",
  name: "tensors",
  postprocess: undefined,
  inputs: [{ name: "input", datatype: "UINT8", shape: [-1, 2] }],
} as const;

const layout = {
  form: "tensors",
  items: 1,
  length: 1,
  joinKey: "",
  shapes: [[1, 2]],
  order: [0],
  ranges: [{ start: 0, end: 2 }],
  bodyBytes: 2,
};

const whole = { start: 0, items: 1, requestItems: 1, length: 1, elements: 1, resultCount: 0 };

/** A part whose body is these two bytes of a message. */
function aPart(message: Uint8Array, offset: number): TensorPart {
  const request = aRowRequest("r", { body: [message.subarray(offset, offset + 2)] });
  return { ...whole, request, layout };
}

function joined(parts: readonly TensorPart[], rowCount = parts.length): number[] {
  const inputs = joinInputs({ kind: "tensors", form, parts }, rowCount);
  expect(inputs.map(({ shape }) => shape)).toEqual([[rowCount, 2]]);
  return inputs.flatMap(({ buffer }) => [...new Uint8Array(buffer)]);
}

describe("joinInputs()", () => {
  const message = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 9);

  test("joins rows that lie one after the other in their message", () => {
    expect(joined([aPart(message, 1), aPart(message, 3), aPart(message, 5)])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("keeps the order of rows that lie in another one, and leaves out what lies between them", () => {
    expect(joined([aPart(message, 5), aPart(message, 1), aPart(message, 5)])).toEqual([5, 6, 1, 2, 5, 6]);
  });

  test("joins rows of several messages, even at neighbouring offsets", () => {
    const other = Uint8Array.of(0, 0, 0, 7, 8);
    expect(joined([aPart(message, 1), aPart(other, 3)])).toEqual([1, 2, 7, 8]);
  });

  test("repeats the last row where the engine takes more", () => {
    expect(joined([aPart(message, 1), aPart(message, 3)], 4)).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
  });
});
