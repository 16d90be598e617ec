import { describe, expect, test } from "vitest";
import { createExpectedEnds, type AskingWorker } from "./expected-ends.ts";

function aWorker(worker: string, freeAtMs = 0): AskingWorker {
  return { worker, freeAtMs };
}

describe("createExpectedEnds()", () => {
  test("tells when others that are busy longer will be free", () => {
    const ends = createExpectedEnds();
    ends.add(aWorker("a", 2), { nowMs: 0, tookMs: 10 });
    ends.add(aWorker("b"), { nowMs: 1, tookMs: 4 });
    expect(ends.others(aWorker("c"), 3)).toEqual([12, 5]);
    expect(ends.others(aWorker("c", 5), 3)).toEqual([12]);
    expect(ends.others(aWorker("c"), 12)).toEqual([]);
  });

  test("does not count the batch that the worker that asks is about to end, though it ends earlier than expected", () => {
    const ends = createExpectedEnds();
    ends.add(aWorker("a"), { nowMs: 0, tookMs: 10 });
    expect(ends.others(aWorker("a", 9), 8)).toEqual([]);
    expect(ends.others(aWorker("b", 9), 8)).toEqual([10]);
    ends.add(aWorker("a", 9), { nowMs: 8, tookMs: 10 });
    expect(ends.others(aWorker("b"), 8)).toEqual([19]);
  });

  test("counts what else a worker of several slots runs", () => {
    const ends = createExpectedEnds();
    ends.add(aWorker("a"), { nowMs: 0, tookMs: 20 });
    expect(ends.others(aWorker("a"), 1)).toEqual([20]);
    ends.add(aWorker("a"), { nowMs: 1, tookMs: 10 });
    expect(ends.others(aWorker("a", 10), 9)).toEqual([20]);
  });

  test("forgets a worker that is gone", () => {
    const ends = createExpectedEnds();
    ends.add(aWorker("a"), { nowMs: 0, tookMs: 20 });
    ends.forget("a");
    expect(ends.others(aWorker("b"), 1)).toEqual([]);
  });
});
