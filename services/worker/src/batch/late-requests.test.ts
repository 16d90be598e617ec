import type { RunShape } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";

import { aRowRequest } from "../fixtures/worker-fixture.ts";
import type { TensorRunPlan } from "./engine-run-plan.ts";
import { lateRequests } from "./late-requests.ts";

const form = { kind: "tensors", name: "tensors", inputs: [], postprocess: undefined } as const;

const layout = {
  form: "tensors",
  items: 1,
  length: 1,
  joinKey: "",
  shapes: [],
  order: [],
  ranges: [],
  bodyBytes: 0,
};

/** A run of requests of one item each with these timeouts; a run takes 5 ms and 1 ms for each item. */
function lateOf(
  timeoutsMs: readonly number[],
  predictMs?: (shape: RunShape) => number | undefined,
): string[] {
  const parts = timeoutsMs.map((timeoutMs, index) => ({
    request: aRowRequest(`r${index}`, { timeoutMs }),
    start: 0,
    items: 1,
    requestItems: 1,
    length: 1,
    elements: 1,
    resultCount: 0,
    layout,
  }));
  const run: TensorRunPlan = { kind: "tensors", form, parts };
  const late = lateRequests(run, {
    predictMs: predictMs ?? (({ items }) => 5 + items),
    remainingMs: ({ timeoutMs }) => (timeoutMs === 0 ? Infinity : timeoutMs),
  });
  return [...late].map(({ id }) => id).sort();
}

describe("lateRequests()", () => {
  test.each([
    ["nobody where all are in time", [8, 8, 8], []],
    ["whoever the run takes too long for", [7, 9, 9], ["r0"]],
    ["no more than it takes for the others to be in time", [7, 7, 7], ["r0"]],
    ["all where even one alone would be late", [5, 5], ["r0", "r1"]],
    ["nobody without a timeout", [0, 5, 0], ["r1"]],
  ])("names %s", (_, timeoutsMs, late) => {
    expect(lateOf(timeoutsMs)).toEqual(late);
  });

  test("names nobody while nothing is known of the model", () => {
    expect(lateOf([1, 1], () => undefined)).toEqual([]);
  });
});
