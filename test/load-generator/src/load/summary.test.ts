import { describe, expect, test } from "vitest";
import { createRecorder, type LoadRecord } from "./recorder.ts";
import { summarize } from "./summary.ts";

function aRecord(latenciesMs: readonly number[], failures: number): LoadRecord {
  const recorder = createRecorder<number, number>({ isRight: () => true });
  for (const latencyMs of latenciesMs) recorder.answered({ input: 0, answer: 0, latencyMs });
  for (let count = 0; count < failures; count++) recorder.notSent();
  return recorder.toRecord(2);
}

describe("summarize()", () => {
  test("adds up the throughputs and errors of processes, and takes quantiles over all their calls", () => {
    const summary = summarize([aRecord([1, 1, 1, 1, 1, 1, 1, 1], 1), aRecord([100, 100], 2)]);
    expect(summary).toMatchObject({
      requestsPerSecond: 5,
      completedCount: 10,
      errorCount: 3,
      errors: { notSent: 3 },
      lagP50Ms: NaN,
    });
    expect(summary.p50Ms).toBeCloseTo(1, 2);
    expect(summary.p90Ms).toBeCloseTo(100, 0);
  });
});
