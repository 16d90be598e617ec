import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies, createTestTenants } from "./pool.fixture.ts";

function homeOf(queue: FairQueue<NamedEntry>, name: string): string | undefined {
  const share = [...queue.shares()].find(({ tenant }) => tenant === name);
  return share && `${share.class} ${share.group}`;
}

describe("the group and class of a tenant", () => {
  test("change together with what it owes", () => {
    const policies = createTestPolicies({ acme: { group: "old" } });
    const tenants = createTestTenants(policies);
    tenants.open("acme").v = 50;
    tenants.branch({ class: "normal", group: "old" }).lastV = 20;
    tenants.branch({ class: "urgent", group: "new" }).lastV = 7;
    policies.setTenant("acme", { group: "new", class: "urgent" });
    expect(tenants.open("acme")).toMatchObject({ branch: { name: "new" }, v: 37 });
  });

  test("change at the next request, with all that waits and is in flight", () => {
    const policies = createTestPolicies({ acme: { group: "old" } }, { new: { maxInFlight: 3 } });
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
    const [first] = queue.take(someLimits({ most: 1 }), 0);
    policies.setTenant("acme", { group: "new", class: "background" });
    expect(homeOf(queue, "acme")).toBe("normal old");
    queue.add(anEntry({ arrival: 4 }));
    expect(homeOf(queue, "acme")).toBe("background new");
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2", "r3"]);
    if (first !== undefined) queue.settle(first, 1);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r4"]);
  });

  test("change when the tenant is looked at, if no request of it comes any more", () => {
    const policies = createTestPolicies();
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "demoted" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "other" }));
    policies.setTenant("demoted", { class: "background" });
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r3", "r4", "r1", "r2"]);
  });

  test("leave nothing behind, whenever they change", () => {
    const names = ["a", "b", "c"];
    const home = fc.record({
      class: fc.constantFrom("urgent" as const, "normal" as const, "background" as const),
      group: fc.constantFrom("", "g", "h"),
    });
    const aStep = fc.oneof(
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("add" as const), tenant: fc.nat({ max: 2 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("take" as const), most: fc.integer({ min: 1, max: 3 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("settle" as const), costMs: fc.nat({ max: 20 }) }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ kind: fc.constant("move" as const), tenant: fc.nat({ max: 2 }), home }),
      },
    );
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 150, size: "max" }), (steps) => {
        const policies = createTestPolicies(
          { a: { maxInFlight: 2 }, b: { minShare: 0.3 } },
          { g: { maxInFlight: 3 } },
        );
        const queue = createFairQueue<NamedEntry>({ policies });
        const running: NamedEntry[] = [];
        steps.forEach((step, arrival) => {
          if (step.kind === "add") queue.add(anEntry({ arrival, tenant: names[step.tenant] ?? "" }));
          else if (step.kind === "move") policies.setTenant(names[step.tenant] ?? "", step.home);
          else if (step.kind === "take") running.push(...queue.take(someLimits({ most: step.most }), 0));
          else for (const entry of running.splice(0, 2)) queue.settle(entry, step.costMs);
          const waiting = [...queue.entries()];
          expect(waiting).toHaveLength(queue.size);
        });
        for (const entry of running) queue.settle(entry, 1);
        // Whoever waits is served, whatever it was held back by.
        for (
          let entries = queue.take(someLimits(), 0);
          entries.length > 0;
          entries = queue.take(someLimits(), 0)
        ) {
          for (const entry of entries) queue.settle(entry, 1);
        }
        expect(queue.size).toBe(0);
        for (const share of queue.shares())
          expect(share).toMatchObject({ waiting: 0, inFlight: 0, fairShare: 0 });
        for (const name of names) {
          queue.add(anEntry({ arrival: 1000, tenant: name, key: name }));
          expect(homeOf(queue, name)).toBe(`${policies.tenant(name).class} ${policies.tenant(name).group}`);
          expect(keysOf(queue.take(someLimits(), 0))).toEqual([name]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
