import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createTestPolicies, createTestPool } from "./pool.fixture.ts";

const workers = Array.from({ length: 4 }, () => ({ models: ["a"], most: 1 }));
const steady = { model: "a", depth: 10, costMs: () => 10 };
const others = ["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9"];

/** What each received of a pool in which all keep waiting, after `count` requests. */
function sharesAfter(
  count: number,
  policies: ReturnType<typeof createTestPolicies>,
  tenants: readonly string[],
) {
  const pool = createTestPool({ policies, workers });
  for (const tenant of tenants) pool.setLoad({ tenant, ...steady });
  pool.run(count);
  return pool.takeShares();
}

describe("minShare of a group in createFairQueue()", () => {
  test("is given to its tenants together, by their weights", () => {
    const policies = createTestPolicies(
      { one: { group: "g", weight: 3 }, two: { group: "g" } },
      { g: { minShare: 0.4, weight: 0.01 } },
    );
    const shares = sharesAfter(10_000, policies, [...others, "one", "two"]);
    expect(shares["one"]).toBeCloseTo(0.3, 2);
    expect(shares["two"]).toBeCloseTo(0.1, 2);
  });

  test("takes nothing from a group whose weight gives it more", () => {
    const policies = createTestPolicies({ one: { group: "g" } }, { g: { minShare: 0.2, weight: 9 } });
    expect(sharesAfter(10_000, policies, [...others, "one"])["one"]).toBeCloseTo(0.5, 2);
  });

  test("serves its highest class first, whatever the class", () => {
    const policies = createTestPolicies(
      { low: { group: "g", class: "background" }, lower: { class: "background" } },
      { g: { minShare: 0.5 } },
    );
    const pool = createTestPool({ policies, workers });
    for (const tenant of [...others, "low", "lower"]) pool.setLoad({ tenant, ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["low"]).toBeCloseTo(0.5, 2);
    policies.setTenant("high", { group: "g" });
    pool.setLoad({ tenant: "high", ...steady });
    pool.run(10_000);
    expect(pool.takeShares()["high"]).toBeCloseTo(0.5, 1);
  });

  test("holds at once where the record changes while its tenants wait", () => {
    const policies = createTestPolicies({ one: { group: "g" } }, { g: { weight: 0.001 } });
    const pool = createTestPool({ policies, workers });
    for (const tenant of [...others, "one"]) pool.setLoad({ tenant, ...steady });
    pool.run(5000);
    policies.setGroup("g", { minShare: 0.3 });
    pool.setLoad({ tenant: "one", ...steady });
    pool.takeShares();
    pool.run(5000);
    expect(pool.takeShares()["one"]).toBeCloseTo(0.3, 1);
    policies.setGroup("g", { minShare: 0 });
    pool.run(others.length * 1000);
    pool.takeShares();
    pool.run(5000);
    expect(pool.takeShares()["one"]).toBeLessThan(0.01);
  });

  test("counts what its tenants are guaranteed as a part of its own", () => {
    const policies = createTestPolicies(
      { sure: { group: "g", minShare: 0.5, weight: 0.01 }, mate: { group: "g" }, other: { minShare: 0.4 } },
      { g: { minShare: 0.6 } },
    );
    const shares = sharesAfter(10_000, policies, ["sure", "mate", "other", "t1"]);
    expect(shares["sure"]).toBeCloseTo(0.5, 2);
    expect(shares["mate"]).toBeCloseTo(0.1, 2);
    expect(shares["other"]).toBeCloseTo(0.4, 2);
  });

  test("saves nothing up while none of its tenants waits", () => {
    const policies = createTestPolicies({ one: { group: "g" } }, { g: { minShare: 0.3 } });
    const pool = createTestPool({ policies, workers });
    for (const tenant of [...others, "one"]) pool.setLoad({ tenant, ...steady });
    pool.run(1000);
    pool.endLoad("one", "a");
    pool.run(10_000);
    pool.setLoad({ tenant: "one", ...steady });
    pool.takeShares();
    pool.run(200);
    expect(pool.takeShares()["one"]).toBeLessThan(0.33);
  });

  test("is kept for all, whoever is in which group, or in the same proportion where it is more than there is", () => {
    const part = fc.constantFrom(0, 0.1, 0.3, 0.6);
    const aPool = fc.record({
      groups: fc.array(part, { minLength: 1, maxLength: 3 }),
      tenants: fc.array(
        fc.record({ group: fc.nat({ max: 3 }), minShare: part, weight: fc.constantFrom(0.1, 1, 5) }),
        {
          minLength: 2,
          maxLength: 6,
        },
      ),
    });
    fc.assert(
      fc.property(aPool, ({ groups, tenants }) => {
        const groupOf = (number: number): string => (number < groups.length ? `g${number}` : "");
        const policies = createTestPolicies(
          Object.fromEntries(
            tenants.map((tenant, number) => [`t${number}`, { ...tenant, group: groupOf(tenant.group) }]),
          ),
          Object.fromEntries(groups.map((minShare, number) => [`g${number}`, { minShare }])),
        );
        const names = tenants.map((_, number) => `t${number}`);
        const shares = sharesAfter(4000, policies, names);

        const membersOf = (group: string): string[] =>
          names.filter((name) => policies.tenant(name).group === group);
        const sumOf = (members: readonly string[], of: (name: string) => number): number =>
          members.reduce((sum, name) => sum + of(name), 0);
        const partOf = (name: string): number => policies.tenant(name).minShare;
        const groupParts = groups
          .map((minShare, number) => ({ minShare, members: membersOf(`g${number}`) }))
          .filter(({ members }) => members.length > 0);
        const promised =
          sumOf(membersOf(""), partOf) +
          groupParts.reduce(
            (sum, { minShare, members }) => sum + Math.max(minShare, sumOf(members, partOf)),
            0,
          );
        const kept = 1 / Math.max(1, promised);
        for (const name of names)
          expect(shares[name] ?? 0).toBeGreaterThanOrEqual(partOf(name) * kept - 0.01);
        for (const { minShare, members } of groupParts) {
          expect(sumOf(members, (name) => shares[name] ?? 0)).toBeGreaterThanOrEqual(minShare * kept - 0.01);
        }
      }),
      { numRuns: 60 },
    );
  });
});
