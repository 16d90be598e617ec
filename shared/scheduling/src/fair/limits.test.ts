import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "./fair-queue.ts";
import { createTestPolicies, createTestPool } from "./pool.fixture.ts";

const fourWorkers = Array.from({ length: 4 }, () => ({ models: ["a"], most: 1 }));
const steady = { model: "a", depth: 10, costMs: () => 10 };

describe("maxInFlight of createFairQueue()", () => {
  test("holds a tenant back until one of its requests has ended", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({ capped: { maxInFlight: 2 } }),
    });
    for (const arrival of [1, 2, 3, 4]) queue.add(anEntry({ arrival, tenant: "capped" }));
    queue.add(anEntry({ arrival: 5, tenant: "free" }));
    const taken = queue.take(someLimits(), 0);
    expect(keysOf(taken)).toEqual(["r1", "r5", "r2"]);
    expect(queue.take(someLimits(), 0)).toEqual([]);
    if (taken[0] !== undefined) queue.settle(taken[0], 1);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r3"]);
  });

  test("holds a group back as a whole", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({ one: { group: "g" }, two: { group: "g" } }, { g: { maxInFlight: 2 } }),
    });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "one" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "two" }));
    const taken = queue.take(someLimits(), 0);
    expect(keysOf(taken)).toEqual(["r1", "r3"]);
    if (taken[0] !== undefined) queue.settle(taken[0], 1);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2"]);
    expect(queue.take(someLimits(), 0)).toEqual([]);
  });

  test("that is raised counts from the next request that comes or ends", () => {
    const policies = createTestPolicies({ capped: { maxInFlight: 1 } });
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival, tenant: "capped" }));
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1"]);
    policies.setTenant("capped", { maxInFlight: 3 });
    queue.add(anEntry({ arrival: 4, tenant: "capped" }));
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2", "r3"]);
  });

  test("saves nothing up for the tenant it holds back", () => {
    const policies = createTestPolicies({ capped: { maxInFlight: 1 } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    pool.setLoad({ tenant: "capped", ...steady });
    pool.setLoad({ tenant: "free", ...steady });
    pool.run(2000);
    expect(pool.takeShares()["capped"]).toBeCloseTo(0.25, 2);
    policies.setTenant("capped", { maxInFlight: Infinity });
    pool.run(200);
    expect(pool.takeShares()["capped"]).toBeLessThan(0.55);
  });
});

describe("minShare of createFairQueue()", () => {
  const others = ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"];

  test("gives a tenant its part of the pool's time beside any number of others", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ sure: { minShare: 0.4, weight: 0.01 } }),
      workers: fourWorkers,
    });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.4, 2);
  });

  test("takes nothing from a tenant whose weight gives it more", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ sure: { minShare: 0.2, weight: 9 } }),
      workers: fourWorkers,
    });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.5, 2);
  });

  test("reaches a tenant within a group, of the pool's time", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ sure: { minShare: 0.4, group: "g" }, mate: { group: "g" } }),
      workers: fourWorkers,
    });
    for (const tenant of [...others, "mate", "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.4, 2);
  });

  test.each([
    { parts: [0.9, 0.9, 0.2], shares: [0.45, 0.45, 0.1] },
    { parts: [1, 0.5], shares: [2 / 3, 1 / 3] },
    { parts: [0.6, 0.6], shares: [0.5, 0.5] },
  ])("of $parts, more than there is, is kept in the same proportion for all", ({ parts, shares }) => {
    const policies = createTestPolicies();
    const pool = createTestPool({ policies, workers: fourWorkers });
    const sure = parts.map((minShare, number) => {
      policies.setTenant(`sure-${number}`, { minShare });
      return `sure-${number}`;
    });
    for (const tenant of [...others, ...sure]) pool.setLoad({ tenant, ...steady });
    pool.run(20_000);
    const received = pool.takeShares();
    for (const [number, share] of shares.entries()) expect(received[`sure-${number}`]).toBeCloseTo(share, 2);
  });

  test("that is raised counts from then on", () => {
    const policies = createTestPolicies({ sure: { minShare: 0.2 } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(5000);
    policies.setTenant("sure", { minShare: 0.6 });
    pool.run(5000);
    pool.takeShares();
    pool.run(5000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.6, 2);
  });

  test("comes before fairness, not before maxInFlight", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ sure: { minShare: 0.9, maxInFlight: 1 } }),
      workers: fourWorkers,
    });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.25, 2);
  });

  test("is no debt when it ends", () => {
    const policies = createTestPolicies({ sure: { minShare: 0.8 } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(50_000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.8, 2);
    policies.setTenant("sure", { minShare: 0 });
    // It waits no longer than the others take to receive the window of the guarantee each.
    pool.run(others.length * 1000);
    pool.takeShares();
    pool.run(2000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.1, 2);
  });

  test("saves nothing up while its tenant has nothing waiting", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ sure: { minShare: 0.3 } }),
      workers: fourWorkers,
    });
    for (const tenant of [...others, "sure"]) pool.setLoad({ tenant, ...steady });
    pool.run(1000);
    pool.endLoad("sure", "a");
    pool.run(10_000);
    pool.setLoad({ tenant: "sure", ...steady });
    pool.takeShares();
    pool.run(200);
    expect(pool.takeShares()["sure"]).toBeLessThan(0.33);
  });

  test("is soon given to a tenant whose weight gave it more before", () => {
    const policies = createTestPolicies({ sure: { minShare: 0.3 } });
    const pool = createTestPool({ policies, workers: fourWorkers });
    pool.setLoad({ tenant: "sure", ...steady });
    pool.run(20_000);
    for (const tenant of others) pool.setLoad({ tenant, ...steady });
    // The window of the guarantee, of which its weight gives it a third meanwhile.
    pool.run(1500);
    pool.takeShares();
    pool.run(2000);
    expect(pool.takeShares()["sure"]).toBeCloseTo(0.3, 2);
  });

  test("waits for a worker that runs the tenant's model, without a claim on the others", () => {
    const queue = createFairQueue<NamedEntry>({
      policies: createTestPolicies({ sure: { minShare: 0.5, weight: 0.001 } }),
    });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "sure", model: "b" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "other", model: "a" }));
    queue.add(anEntry({ arrival: 5, tenant: "other", model: "b" }));
    const takeOne = (model: string): string[] =>
      keysOf(queue.take(someLimits({ models: [model], most: 1 }), 0));
    expect([takeOne("b"), takeOne("a"), takeOne("a")]).toEqual([["r1"], ["r3"], ["r4"]]);
    expect([takeOne("b"), takeOne("b")]).toEqual([["r2"], ["r5"]]);
  });
});
