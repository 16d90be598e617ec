import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import { createBatchScheduler } from "./batch-scheduler.ts";

/** 5 ms for a run and 1 ms for each of up to 64 items. */
const profile = { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 };

/** Items of the batches that workers are given one after the other, where callers allow so much and more waits than they take. */
function batchesOf(allowedMs: readonly number[], asks: readonly { worker?: string; freeAtMs?: number }[]) {
  const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
  const scheduler = createBatchScheduler({ queue });
  for (let arrival = 0; arrival < 200; arrival++) queue.add(anEntry({ arrival }));
  for (const ms of allowedMs) scheduler.arrived(anEntry({ arrival: 0, deadlineMs: ms }), 0);
  return asks.map(({ worker = "w1", freeAtMs = 0 }) => {
    const ask = {
      worker,
      freeAtMs,
      limits: someLimits({ most: 64 }),
      overheadMs: 0,
      profile: () => profile,
      fastest: () => profile,
      maxTokens: () => Infinity,
    };
    return scheduler.next(ask, Math.max(0, freeAtMs - 1)).entries.length;
  });
}

describe("how long a batch runs", () => {
  test("is bounded by what callers allow, but not below what is bearable for all", () => {
    expect(batchesOf([], [{}])).toEqual([51]);
    expect(batchesOf([60], [{}])).toEqual([25]);
    expect(batchesOf([7], [{}])).toEqual([15]);
  });

  test.each([
    { hurriedCount: 1, items: 25 },
    { hurriedCount: 39, items: 15 },
  ])("is planned for $hurriedCount of 40 only if it pays: $items items", ({ hurriedCount, items }) => {
    const allowedMs = Array.from({ length: 40 }, (_, index) => (index < hurriedCount ? 12 : 60));
    expect(batchesOf(allowedMs, [{}])).toEqual([items]);
  });

  test("counts what a worker is about to end for no other worker's, whatever it was expected to take", () => {
    expect(batchesOf([60], [{}, { freeAtMs: 29 }])).toEqual([25, 25]);
    expect(batchesOf([60], [{}, { freeAtMs: 29, worker: "w2" }])).toEqual([25, 35]);
  });
});
