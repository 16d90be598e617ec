import { describe, expect, test } from "vitest";

import { aRowRequest } from "../fixtures/worker-fixture.ts";
import { createPartJoiner } from "./join-parts.ts";
import type { AnsweredPart } from "./split-results.ts";

const request = aRowRequest("r1");

/** Rows of a request of four, as bytes. */
function anAnswer(start: number, items: number, rowBytes = 2): AnsweredPart {
  const bytes = Uint8Array.from({ length: items * rowBytes }, (_, index) => 10 * start + index);
  return {
    part: { request, start, items, requestItems: 4, length: 1, elements: items, resultCount: 0 },
    result: { outputs: [{ name: "y", datatype: "UINT8", shape: [items, rowBytes] }], body: [bytes] },
  };
}

const times = { batchMs: 3, transferMs: 1, inferenceMs: 10 };

describe("createPartJoiner()", () => {
  test("keeps the pieces of a request until none is missing, and gives them in the order of its rows", () => {
    const joiner = createPartJoiner();
    expect(joiner.hasBegun(request)).toBe(false);
    expect(joiner.add([anAnswer(3, 1), anAnswer(0, 1)], times)).toEqual([]);
    expect(joiner.hasBegun(request)).toBe(true);
    const [answered] = joiner.add([anAnswer(1, 2)], { batchMs: 14, transferMs: 2, inferenceMs: 20 });
    expect(answered?.result.outputs).toEqual([{ name: "y", datatype: "UINT8", shape: [4, 2] }]);
    expect(answered?.result.body).toEqual([Uint8Array.of(0, 1, 10, 11, 12, 13, 30, 31)]);
    expect(answered?.times).toEqual({ batchMs: 3, transferMs: 3, inferenceMs: 30 });
    expect(joiner.hasBegun(request)).toBe(false);
  });

  test("refuses rows of different shapes, and says which", () => {
    const joiner = createPartJoiner();
    joiner.add([anAnswer(0, 2)], times);
    expect(() => joiner.add([anAnswer(2, 2, 3)], times)).toThrow(
      'rows of output "y" have the shapes [2] and [3]',
    );
  });
});
