import { describe, expect, test } from "vitest";
import { noRequests, sumWith, type Candidate, type PlanLimits } from "./batch-sum.ts";
import { furtherRuns } from "./further-runs.ts";
import { aCandidate, someLimits } from "./plan.fixture.ts";

/** Ten elements: 15 ms. */
const first = sumWith(noRequests, aCandidate({ length: 10 }));

function lengthsBehind(groups: readonly (readonly Candidate[])[], limits: Partial<PlanLimits>): number[] {
  return furtherRuns(first, groups, someLimits({ furtherMs: 1000, ...limits })).map(({ sum }) => sum.length);
}

describe("furtherRuns()", () => {
  const twenty = [aCandidate({ length: 20 })];
  const thirty = [aCandidate({ length: 30 }), aCandidate({ length: 30 })];
  const five = [aCandidate({ length: 5 })];

  test("takes groups in their order, each whole", () => {
    const runs = furtherRuns(first, [thirty, five], someLimits({ furtherMs: 1000 }));
    expect(runs.map(({ entries }) => entries)).toEqual([thirty, five]);
  });

  test.each([
    ["the time of a batch of several runs", { furtherMs: 54 }],
    ["the time of any batch", { maxDurationMs: 54 }],
    ["items", { maxItems: 3 }],
    ["bytes", { maxBytes: 3 }],
    ["tokens of a run", { maxTokens: 59 }],
  ] as const)("passes over a group with which the batch had too much of %s", (_what, limits) => {
    expect(lengthsBehind([twenty, thirty, five], limits)).toEqual([20, 5]);
  });

  test("takes none where the first run takes long enough", () => {
    expect(lengthsBehind([five], { furtherMs: 15 })).toEqual([]);
  });

  test("leaves a request alone that is more than a batch may have", () => {
    expect(lengthsBehind([five], { maxTokens: 9 })).toEqual([]);
    expect(lengthsBehind([twenty], { maxTokens: 19 })).toEqual([]);
  });

  test("has everybody in time, even if his run is the last", () => {
    const hurried = [aCandidate({ length: 5, deadlineMs: 149 })];
    expect(lengthsBehind([twenty, hurried], {})).toEqual([20]);
    expect(lengthsBehind([hurried, twenty], {})).toEqual([5]);
    expect(lengthsBehind([hurried, twenty], { startMs: 99 })).toEqual([5, 20]);
    expect(lengthsBehind([hurried, twenty], { startMs: 99, overheadMs: 1 })).toEqual([5]);
  });

  test("keeps what failed before in a small batch", () => {
    const failed = [aCandidate({ length: 5, maxBatchItems: 2 })];
    expect(lengthsBehind([failed, twenty], {})).toEqual([5]);
    expect(lengthsBehind([twenty, failed], {})).toEqual([20]);
  });
});
