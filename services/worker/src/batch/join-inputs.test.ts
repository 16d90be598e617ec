import { describe, expect, test } from "vitest";

import { aRowRequest } from "../fixtures/worker-fixture.ts";
import type { TensorMember } from "./engine-run-plan.ts";
import { joinInputs } from "./join-inputs.ts";

const form = {
  kind: "tensors",
  name: "tensors",
  inputs: [{ name: "input", datatype: "UINT8", shape: [-1, 2] }],
} as const;

const layout = {
  form: "tensors",
  items: 1,
  joinKey: "",
  shapes: [[1, 2]],
  order: [0],
  ranges: [{ start: 0, end: 2 }],
  bodyBytes: 2,
};

/** A member whose body is these two bytes of a message. */
function aMember(message: Uint8Array, offset: number): TensorMember {
  return { request: aRowRequest("r", { body: [message.subarray(offset, offset + 2)] }), layout };
}

function joined(members: readonly TensorMember[]): number[] {
  return joinInputs({ kind: "tensors", form, members }).flatMap(({ buffer }) => [...new Uint8Array(buffer)]);
}

describe("joinInputs()", () => {
  const message = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 9);

  test("joins rows that lie one after the other in their message", () => {
    expect(joined([aMember(message, 1), aMember(message, 3), aMember(message, 5)])).toEqual([
      1, 2, 3, 4, 5, 6,
    ]);
  });

  test("keeps the order of rows that lie in another one, and leaves out what lies between them", () => {
    expect(joined([aMember(message, 5), aMember(message, 1), aMember(message, 5)])).toEqual([
      5, 6, 1, 2, 5, 6,
    ]);
  });

  test("joins rows of several messages, even at neighbouring offsets", () => {
    const other = Uint8Array.of(0, 0, 0, 7, 8);
    expect(joined([aMember(message, 1), aMember(other, 3)])).toEqual([1, 2, 7, 8]);
  });
});
