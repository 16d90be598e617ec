import type { TenantClass } from "@sluice/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "./fair-queue.ts";
import { createNoise, createTestPolicies, createTestPool, type TestPool } from "./pool.fixture.ts";

const fourWorkers = Array.from({ length: 4 }, () => ({ models: ["a"], most: 1 }));

function backlog(pool: TestPool, tenant: string, costMs: () => number = () => 10): void {
  pool.setLoad({ tenant, model: "a", depth: 10, costMs });
}

describe("classes of createFairQueue()", () => {
  test("go one before the other, whatever came first and whatever priority it has", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({
        first: { class: "urgent" },
        last: { class: "background", weight: 1000 },
      }),
    });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "last", priority: 9 }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "plain", priority: 5 }));
    for (const arrival of [5, 6]) queue.add(anEntry({ arrival, tenant: "first" }));
    expect(keysOf(queue.take(someLimits({ most: 3 }), 0))).toEqual(["r5", "r6", "r3"]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r4", "r1", "r2"]);
  });

  test("take nothing from others while nothing of them waits", () => {
    const classes: TenantClass[] = ["urgent", "normal", "background"];
    for (const only of classes) {
      const policies = createTestPolicies({ one: { class: only, weight: 3 }, two: { class: only } });
      const pool = createTestPool({ policies, workers: fourWorkers });
      for (const tenant of ["one", "two"]) backlog(pool, tenant);
      pool.run(2000);
      expect(pool.takeShares()["one"]).toBeCloseTo(0.75, 2);
      expect([...pool.queue.shares()].find(({ tenant }) => tenant === "one")?.fairShare).toBeCloseTo(
        0.75,
        12,
      );
    }
  });

  test.each([
    ["of equal costs", 10, 10],
    ["whose requests cost ten times as much", 10, 100],
    ["whose requests cost a tenth", 100, 10],
  ])("get at least their floor of the time, a lower class %s", (_, highMs, lowMs) => {
    const policies = createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    backlog(pool, "high", () => highMs);
    backlog(pool, "low", () => lowMs);
    pool.run(20_000);
    const { low = 0 } = pool.takeShares();
    expect(low).toBeGreaterThanOrEqual(0.04);
    expect(low).toBeLessThanOrEqual(0.06);
  });

  test("get at least their floor each where all three have work, whatever it costs and however many workers there are", () => {
    const aLoad = fc.record({
      meanMs: fc.constantFrom(1, 10, 40),
      tenantCount: fc.integer({ min: 1, max: 4 }),
    });
    const aPool = fc.record({
      urgent: aLoad,
      normal: aLoad,
      background: aLoad,
      workerCount: fc.integer({ min: 1, max: 4 }),
      most: fc.constantFrom(1, 4),
    });
    fc.assert(
      fc.property(aPool, ({ workerCount, most, ...loads }) => {
        const policies = createTestPolicies();
        const workers = Array.from({ length: workerCount }, () => ({ models: ["a"], most }));
        const pool = createTestPool({ policies, workers });
        for (const [name, { meanMs, tenantCount }] of Object.entries(loads)) {
          for (let number = 0; number < tenantCount; number++) {
            const tenant = `${name}-${number}`;
            const noise = createNoise(number + 1);
            policies.setTenant(tenant, {
              class: name === "urgent" || name === "background" ? name : "normal",
            });
            pool.setLoad({
              tenant,
              model: "a",
              depth: 2 * most * workerCount,
              costMs: () => meanMs * (0.1 + 1.8 * noise()),
            });
          }
        }
        pool.run(30_000);
        const shares = Object.entries(pool.takeShares());
        const shareOf = (name: string): number =>
          shares.reduce((sum, [tenant, share]) => (tenant.startsWith(name) ? sum + share : sum), 0);
        for (const lower of ["normal", "background"]) {
          expect(shareOf(lower)).toBeGreaterThanOrEqual(0.04);
          expect(shareOf(lower)).toBeLessThanOrEqual(0.06);
        }
        // Within each class the weights go on to count.
        for (const [tenant, share] of shares) {
          const [name = ""] = tenant.split("-");
          const { tenantCount = 1 } = Object.entries(loads).find(([each]) => each === name)?.[1] ?? {};
          expect(share).toBeCloseTo(shareOf(name) / tenantCount, 1.5);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("wait for their floor to pay for a request, however rarely they have one", () => {
    const policies = createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } });
    const queue = createFairQueue<NamedEntry>({ policies });
    let arrival = 0;
    const add = (tenant: string): void => {
      arrival += 1;
      queue.add(anEntry({ arrival, tenant }));
    };
    const takeOne = (): string | undefined => {
      const [entry] = queue.take(someLimits({ most: 1 }), 0);
      if (entry !== undefined) queue.settle(entry, 1);
      return entry?.tenant;
    };
    for (let count = 0; count < 200; count++) add("high");
    for (let round = 0; round < 3; round++) {
      add("low");
      let turn = 1;
      while (takeOne() !== "low") turn += 1;
      // Each begins to earn when it comes.
      expect(turn).toBe(21);
    }
  });

  test("begin to earn when something waits above them: what they got alone does not count", () => {
    const policies = createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    backlog(pool, "low");
    pool.run(5000);
    backlog(pool, "high");
    pool.run(10);
    pool.takeShares();
    pool.run(2000);
    expect(pool.takeShares()["low"]).toBeCloseTo(0.05, 2);
  });

  test("earn while a higher one always has something by the time a worker asks, though not in between", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } }),
    });
    for (let arrival = 0; arrival < 100; arrival++) queue.add(anEntry({ arrival, tenant: "low" }));
    let lowCount = 0;
    for (let arrival = 100; arrival < 1100; arrival++) {
      queue.add(anEntry({ arrival, tenant: "high" }));
      const [entry] = queue.take(someLimits({ most: 1 }), 0);
      if (entry === undefined) throw new Error("nothing was taken");
      queue.settle(entry, 1);
      if (entry.tenant === "low") lowCount += 1;
    }
    expect(lowCount).toBe(49);
  });

  test("save nothing up while nothing of them waits", () => {
    const policies = createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    backlog(pool, "high");
    pool.run(20_000);
    backlog(pool, "low");
    pool.takeShares();
    pool.run(1000);
    expect(pool.takeShares()["low"]).toBeLessThanOrEqual(0.06);
  });

  test("are granted by the tenant's own policy, not by its group", () => {
    const policies = createTestPolicies({
      granted: { class: "urgent", group: "g" },
      mate: { group: "g", weight: 1000 },
    });
    const pool = createTestPool({ policies, workers: fourWorkers });
    for (const tenant of ["granted", "mate", "other"]) backlog(pool, tenant);
    pool.run(20_000);
    const shares = pool.takeShares();
    expect(shares["granted"]).toBeCloseTo(0.95, 2);
    expect(shares["mate"]).toBeCloseTo(0.025, 2);
    expect(shares["other"]).toBeCloseTo(0.025, 2);
  });

  test("do not raise the maxInFlight of a group that has tenants in several", () => {
    const policies = createTestPolicies(
      { high: { class: "urgent", group: "g" }, low: { class: "background", group: "g" } },
      { g: { maxInFlight: 2 } },
    );
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival, tenant: "high" }));
    for (const arrival of [4, 5, 6]) queue.add(anEntry({ arrival, tenant: "low" }));
    const taken = queue.take(someLimits(), 0);
    expect(taken).toHaveLength(2);
    expect(queue.take(someLimits(), 0)).toEqual([]);
    for (const entry of taken) queue.settle(entry, 1);
    expect(queue.take(someLimits(), 0)).toHaveLength(2);
  });

  test("come after what a minShare guarantees to a tenant of a lower one", () => {
    const policies = createTestPolicies({
      high: { class: "urgent" },
      sure: { class: "background", minShare: 0.3 },
    });
    const pool = createTestPool({ policies, workers: fourWorkers });
    for (const tenant of ["high", "sure"]) backlog(pool, tenant);
    pool.run(10_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.3, 2);
  });

  test("keep their floor beside any minShare in higher ones", () => {
    const policies = createTestPolicies({
      high: { class: "urgent", minShare: 0.9 },
      other: { class: "urgent", minShare: 0.9 },
      low: { class: "background" },
    });
    const pool = createTestPool({ policies, workers: fourWorkers });
    for (const tenant of ["high", "other", "low"]) backlog(pool, tenant);
    pool.run(10_000);
    expect(pool.takeShares()["low"]).toBeCloseTo(0.05, 2);
  });

  test("are owed nothing on workers that do not run their models, and are not in the way there", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } }),
    });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "low", model: "b" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "high", model: "a" }));
    const takeOne = (model: string): string[] =>
      keysOf(queue.take(someLimits({ models: [model], most: 1 }), 0));
    expect([takeOne("a"), takeOne("a"), takeOne("b"), takeOne("b")]).toEqual([
      ["r3"],
      ["r4"],
      ["r1"],
      ["r2"],
    ]);
  });

  test("tell a tenant what higher classes leave of late, and at least its part of the floor", () => {
    const policies = createTestPolicies({ high: { class: "urgent" }, low: { class: "background" } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    const fairShareOf = (name: string): number =>
      [...pool.queue.shares()].find(({ tenant }) => tenant === name)?.fairShare ?? NaN;
    backlog(pool, "low");
    pool.run(20);
    expect(fairShareOf("low")).toBe(1);
    backlog(pool, "high");
    expect(fairShareOf("high")).toBeCloseTo(0.95, 12);
    expect(fairShareOf("low")).toBe(1);
    pool.run(10_000);
    expect(fairShareOf("low")).toBeCloseTo(0.05, 2);
    expect(pool.queue.load("low", "a").fairShare).toBe(fairShareOf("low"));
    pool.endLoad("high", "a");
    pool.run(10_000);
    expect(fairShareOf("low")).toBeCloseTo(1, 2);
  });
});
