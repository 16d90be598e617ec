import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backloggedFields,
  costsAround,
  createBackloggedPool,
  differenceBound,
  serviceDifference,
} from "./backlogged.fixture.ts";
import { createTestPolicies, createTestPool, type TestPool } from "./pool.fixture.ts";

const oneWorker = [{ models: ["a", "b"], most: 8 }];

function backlog(pool: TestPool, tenant: string, { model = "a", meanMs = 10, depth = 20 } = {}): void {
  pool.setLoad({ tenant, model, depth, costMs: costsAround(meanMs, tenant.length + meanMs) });
}

describe("shares of createFairQueue()", () => {
  test("follow the weights", () => {
    const pool = createTestPool({
      policies: createTestPolicies({ big: { weight: 3 } }),
      workers: oneWorker,
    });
    backlog(pool, "big");
    backlog(pool, "small");
    pool.run(5000);
    expect(pool.takeShares()["big"]).toBeCloseTo(0.75, 2);
  });

  test("are equal in time where one tenant's requests cost ten times as much", () => {
    const pool = createTestPool({ policies: createTestPolicies(), workers: [...oneWorker, ...oneWorker] });
    backlog(pool, "cheap", { meanMs: 2, depth: 100 });
    backlog(pool, "dear", { meanMs: 20 });
    pool.run(20_000);
    expect(pool.takeShares()["dear"]).toBeCloseTo(0.5, 2);
  });

  test("go to groups first, then to the tenants of a group", () => {
    const pool = createTestPool({
      policies: createTestPolicies(
        { one: { group: "crowd" }, two: { group: "crowd" }, three: { group: "crowd", weight: 2 } },
        { crowd: { weight: 2 } },
      ),
      workers: oneWorker,
    });
    for (const tenant of ["one", "two", "three", "alone"]) backlog(pool, tenant);
    pool.run(20_000);
    const shares = pool.takeShares();
    expect(shares["alone"]).toBeCloseTo(1 / 3, 2);
    expect(shares["one"]).toBeCloseTo(1 / 6, 2);
    expect(shares["two"]).toBeCloseTo(1 / 6, 2);
    expect(shares["three"]).toBeCloseTo(1 / 3, 2);
  });

  test.each([
    { workers: [["a", "b"]] },
    { workers: [["a"], ["a", "b"]] },
    { workers: [["a"], ["b"]] },
    { workers: [["a"], ["a"], ["b"], ["b"], ["b", "a"]] },
  ])("are equal for a tenant with one model and one with two, with workers for $workers", ({ workers }) => {
    const pool = createTestPool({
      policies: createTestPolicies(),
      workers: workers.map((models) => ({ models, most: 4 })),
    });
    backlog(pool, "one", { model: "a" });
    backlog(pool, "two", { model: "a" });
    backlog(pool, "two", { model: "b", meanMs: 30 });
    pool.run(20_000);
    expect(pool.takeShares()["one"]).toBeCloseTo(0.5, 2);
  });

  test("of the models of one tenant are equal", () => {
    const pool = createTestPool({ policies: createTestPolicies(), workers: oneWorker });
    backlog(pool, "acme", { model: "a", meanMs: 5 });
    backlog(pool, "acme", { model: "b", meanMs: 50 });
    const byModel = new Map<string, number>();
    pool.run(10_000, ({ model }) => byModel.set(model, (byModel.get(model) ?? 0) + (model === "a" ? 5 : 50)));
    expect((byModel.get("a") ?? 0) / (byModel.get("b") ?? 1)).toBeCloseTo(1, 1);
  });

  test.each([
    ["tenant", {}],
    ["group", { returning: { group: "g" } }],
  ])("of a %s that comes back are not made up for the time it was idle", (_, tenants) => {
    const pool = createTestPool({
      policies: createTestPolicies(tenants),
      workers: [...oneWorker, ...oneWorker],
    });
    backlog(pool, "steady");
    backlog(pool, "returning");
    pool.run(1000);
    pool.endLoad("returning", "a");
    pool.run(10_000);
    backlog(pool, "returning");
    pool.takeShares();
    pool.run(200);
    expect(pool.takeShares()["returning"]).toBeLessThan(0.55);
    pool.run(5000);
    expect(pool.takeShares()["returning"]).toBeCloseTo(0.5, 2);
  });

  test.each([
    ["tenant", {}],
    ["group", { early: { group: "g" } }],
  ])(
    "of whoever comes first after a pause of all are no larger than that of a %s from before",
    (_, tenants) => {
      const pool = createTestPool({ policies: createTestPolicies(tenants), workers: oneWorker });
      backlog(pool, "early");
      pool.run(5000);
      pool.endLoad("early", "a");
      while ([...pool.queue.shares()].some(({ inFlight }) => inFlight > 0)) pool.run(1);
      backlog(pool, "late");
      backlog(pool, "early");
      pool.takeShares();
      pool.run(200);
      expect(pool.takeShares()["late"]).toBeLessThan(0.55);
    },
  );

  test("of a model that its tenant calls again are not made up for the time it did not", () => {
    const pool = createTestPool({ policies: createTestPolicies(), workers: oneWorker });
    backlog(pool, "acme", { model: "a" });
    pool.run(5000);
    backlog(pool, "acme", { model: "b" });
    let ofB = 0;
    pool.run(200, ({ model }) => (ofB += model === "b" ? 1 : 0));
    expect(ofB).toBeLessThan(110);
  });

  test("count a debt after a pause", () => {
    const pool = createTestPool({ policies: createTestPolicies(), workers: [{ models: ["a"], most: 1 }] });
    pool.setLoad({ tenant: "steady", model: "a", depth: 5, costMs: () => 10 });
    pool.setLoad({ tenant: "greedy", model: "a", depth: 1, costMs: () => 2000 });
    const order: string[] = [];
    while (!order.includes("greedy")) pool.run(1, ({ tenant }) => order.push(tenant));
    pool.endLoad("greedy", "a");
    pool.run(50);
    pool.setLoad({ tenant: "greedy", model: "a", depth: 1, costMs: () => 10 });
    order.length = 0;
    pool.run(120, ({ tenant }) => order.push(tenant));
    expect(order).not.toContain("greedy");
    pool.run(100, ({ tenant }) => order.push(tenant));
    expect(order).toContain("greedy");
  });

  test("follow a weight that changes while it runs, from then on", () => {
    const policies = createTestPolicies();
    const pool = createTestPool({ policies, workers: oneWorker });
    backlog(pool, "one");
    backlog(pool, "two");
    pool.run(4000);
    expect(pool.takeShares()["one"]).toBeCloseTo(0.5, 2);
    policies.setTenant("one", { weight: 4 });
    pool.run(4000);
    expect(pool.takeShares()["one"]).toBeCloseTo(0.8, 2);
  });

  test("stay the same while virtual times are lowered", () => {
    // A millisecond is worth 2^34 here: virtual times pass 2^40 after a dozen requests, again and again.
    const policies = createTestPolicies({
      one: { weight: 2 ** -33, group: "g" },
      two: { weight: 2 ** -34, group: "g" },
      three: { weight: 2 ** -34 },
    });
    policies.setGroup("g", { weight: 2 ** -34 });
    const pool = createTestPool({ policies, workers: oneWorker });
    for (const tenant of ["one", "two", "three"]) backlog(pool, tenant);
    pool.run(20_000);
    const shares = pool.takeShares();
    expect(shares["three"]).toBeCloseTo(1 / 2, 2);
    expect(shares["one"]).toBeCloseTo(1 / 3, 2);
    for (const { v } of pool.queue.shares()) expect(Math.abs(v)).toBeLessThan(2 ** 42);
  });

  test.each([
    { requests: 1000, numRuns: 40 },
    { requests: 100_000, numRuns: 3 },
  ])("differ by no more after $requests requests than the bound says", ({ requests, numRuns }) => {
    fc.assert(
      fc.property(fc.record(backloggedFields), (backlogged) => {
        const pool = createBackloggedPool(backlogged);
        let worst = 0;
        pool.run(requests, () => {
          worst = Math.max(worst, serviceDifference(pool, backlogged));
        });
        expect(worst).toBeLessThanOrEqual(differenceBound(pool, backlogged));
      }),
      { numRuns },
    );
  });
});
