import { expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import { createBatchScheduler } from "./batch-scheduler.ts";

/** 5 ms for a run and 1 µs for each element. */
const profile = { curve: { fixedMs: 5, perElementMs: 0.001, perPairMs: 0 }, margin: 1, drift: 1 };

test("a request that its worker cuts by tokens is given up where all its runs take longer than it allows", () => {
  const answers = [20, 30].map((deadlineMs) => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    const scheduler = createBatchScheduler({ queue });
    // Four runs of 4 rows: 28 ms instead of 13 ms for one.
    queue.add(anEntry({ arrival: 1, items: 16, length: 512, deadlineMs }));
    const { entries, late } = scheduler.next(
      {
        worker: "w1",
        limits: someLimits({ most: 32 }),
        maxTokens: () => 2048,
        freeAtMs: 0,
        overheadMs: 0,
        profile: () => profile,
        fastest: () => profile,
      },
      0,
    );
    return { run: keysOf(entries), late: keysOf(late) };
  });
  expect(answers).toEqual([
    { run: [], late: ["r1"] },
    { run: ["r1"], late: [] },
  ]);
});
