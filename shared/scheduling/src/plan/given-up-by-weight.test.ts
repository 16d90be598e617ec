import { expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import { createBatchScheduler } from "./batch-scheduler.ts";

/** 5 ms for a run and 1 ms for each item. */
const profile = { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 };

/** How many of 40 urgent requests of a tenant are kept beside a patient crowd of another. */
function keptOf(policies: ReturnType<typeof createTestPolicies>): number {
  const queue = createFairQueue<NamedEntry>({ policies });
  const scheduler = createBatchScheduler({ queue });
  const add = (tenant: string, count: number, deadlineMs: number): void => {
    for (let index = 0; index < count; index++) queue.add(anEntry({ tenant, deadlineMs, arrival: index }));
  };
  add("urgent", 40, 8);
  add("patient", 64, 74);
  const { givenUp } = scheduler.next(
    {
      worker: "w1",
      limits: someLimits({ most: 32 }),
      freeAtMs: 0,
      overheadMs: 0,
      profile: () => profile,
      fastest: () => profile,
      maxTokens: () => Infinity,
    },
    0,
  );
  for (const { tenant } of givenUp) expect(tenant).toBe("urgent");
  return 40 - givenUp.length;
}

test("who is given up leaves a tenant what its weight, or that of its group, is of a full batch", () => {
  expect(keptOf(createTestPolicies())).toBe(16);
  expect(keptOf(createTestPolicies({ urgent: { weight: 3 } }))).toBe(24);
  expect(keptOf(createTestPolicies({ patient: { weight: 3 } }))).toBe(8);
  expect(keptOf(createTestPolicies({ urgent: { group: "team" } }, { team: { weight: 3 } }))).toBe(24);
});
