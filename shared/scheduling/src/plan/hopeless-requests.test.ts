import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import type { LatencyProfile } from "../latency/latency-profile.ts";
import { createBatchScheduler } from "./batch-scheduler.ts";

const profile: LatencyProfile = {
  curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 },
  margin: 1,
  drift: 1,
};

/** Items of a batch where a hundred wait, after the model was asked for and a request came that allows `timeoutMs`. */
function batchAfter(timeoutMs: number): number {
  const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
  const scheduler = createBatchScheduler({ queue });
  const next = (): readonly NamedEntry[] =>
    scheduler.next(
      {
        worker: "w1",
        limits: someLimits({ most: 64 }),
        freeAtMs: 0,
        overheadMs: 0,
        profile: () => profile,
        fastest: () => profile,
        maxTokens: () => Infinity,
      },
      0,
    ).entries;
  queue.add(anEntry({ arrival: 0 }));
  next();
  scheduler.arrived(anEntry({ arrival: 1, deadlineMs: timeoutMs }), 0);
  for (let arrival = 2; arrival < 102; arrival++) queue.add(anEntry({ arrival }));
  return next().length;
}

describe("a request that allows less time than its run takes", () => {
  test("makes no batch of others smaller", () => {
    expect(batchAfter(5.9)).toBe(batchAfter(Infinity));
  });

  test("differs from one that allows hardly more, for which batches are as small as is bearable", () => {
    expect(batchAfter(6)).toBeLessThan(batchAfter(Infinity));
  });
});
