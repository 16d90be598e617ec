import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies, type TestPolicies } from "./pool.fixture.ts";

const names = ["one", "two", "three", "four"];
const groups = ["", "", "g", "h"];
const models = ["m", "n"];

type Step =
  | { readonly kind: "add"; readonly tenant: number; readonly model: number; readonly items: number }
  | { readonly kind: "take"; readonly most: number; readonly nowMs: number }
  | { readonly kind: "settle"; readonly which: number; readonly costMs: number }
  | { readonly kind: "remove"; readonly which: number }
  | { readonly kind: "expire"; readonly nowMs: number }
  | { readonly kind: "weight"; readonly tenant: number; readonly weight: number }
  | { readonly kind: "group"; readonly tenant: number; readonly group: number }
  | { readonly kind: "groupWeight"; readonly group: number; readonly weight: number };

const index = fc.nat({ max: 3 });
const weight = fc.constantFrom(0.1, 0.3, 1, 2, 7);
const nowMs = fc.nat({ max: 50 });
const someSteps = (costMs: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc.array(aStep(costMs), { maxLength: 120, size: "max" });

const aStep = (costMs: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("add" as const),
        tenant: index,
        model: fc.nat({ max: 1 }),
        items: fc.nat({ max: 3 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("take" as const),
        most: fc.integer({ min: 1, max: 4 }),
        nowMs,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("settle" as const), which: fc.nat(), costMs }),
    },
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat() }),
    fc.record({ kind: fc.constant("expire" as const), nowMs }),
    fc.record({ kind: fc.constant("weight" as const), tenant: index, weight }),
    fc.record({ kind: fc.constant("group" as const), tenant: index, group: index }),
    fc.record({ kind: fc.constant("groupWeight" as const), group: index, weight }),
  );

interface Pool {
  readonly policies: TestPolicies;
  readonly queue: FairQueue<NamedEntry>;
  readonly running: NamedEntry[];
  arrival: number;
}

/** One of a list; `undefined` of an empty one. */
function pick<T>(list: readonly T[], which: number): T | undefined {
  return list[which % Math.max(1, list.length)];
}

/** Costs of which nothing is learned: an item stays at its millisecond. */
const nothingLearned = fc.constant(0);

function act(pool: Pool, step: Step): void {
  const { policies, queue, running } = pool;
  switch (step.kind) {
    case "add": {
      pool.arrival += 1;
      const tenant = pick(names, step.tenant) ?? "";
      const model = pick(models, step.model) ?? "";
      const { arrival } = pool;
      queue.add(anEntry({ arrival, tenant, model, items: step.items, deadlineMs: arrival }));
      return;
    }
    case "take":
      running.push(...queue.take(someLimits({ models, most: step.most }), step.nowMs));
      return;
    case "settle": {
      const entry = pick(running, step.which);
      if (entry === undefined) return;
      running.splice(running.indexOf(entry), 1);
      queue.settle(entry, step.costMs);
      return;
    }
    case "remove": {
      const entry = pick([...queue.entries()], step.which);
      if (entry !== undefined) queue.remove(entry);
      return;
    }
    case "expire":
      queue.expire(step.nowMs);
      return;
    case "weight":
      policies.setTenant(pick(names, step.tenant) ?? "", { weight: step.weight });
      return;
    case "group":
      policies.setTenant(pick(names, step.tenant) ?? "", { group: pick(groups, step.group) ?? "" });
      return;
    case "groupWeight":
      policies.setGroup(pick(groups, step.group) ?? "", { weight: step.weight });
      return;
  }
}

describe("load() of createFairQueue()", () => {
  test("is what a look at all that waits and runs tells, whatever comes, goes and changes", () => {
    fc.assert(
      fc.property(someSteps(nothingLearned), (steps) => {
        const policies = createTestPolicies({ two: { group: "g" }, three: { group: "g" } });
        const queue = createFairQueue<NamedEntry>({ policies });
        const pool: Pool = { policies, queue, running: [], arrival: 0 };
        for (const step of steps) {
          act(pool, step);
          const waiting = [...queue.entries()];
          for (const { tenant, weight: usedWeight, fairShare } of queue.shares()) {
            const load = queue.load(tenant, "m");
            const items = waiting
              .filter((entry) => entry.tenant === tenant)
              .map((entry) => Math.max(1, entry.items));
            expect(load.waitingMs).toBe(items.reduce((sum, count) => sum + count, 0));
            // Its own new weight counts here before the queue has looked at it.
            if (fairShare > 0 && usedWeight === policies.tenant(tenant).weight) {
              expect(load.fairShare).toBeCloseTo(fairShare, 9);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is that of a tenant with work for one that has none", () => {
    const policies = createTestPolicies(
      { new: { weight: 3, group: "g" }, sure: { minShare: 0.6 } },
      { g: { weight: 2 } },
    );
    const queue = createFairQueue<NamedEntry>({ policies });
    expect(queue.load("new", "m")).toEqual({ waitingMs: 0, costPerItemMs: 1, fairShare: 1 });
    queue.add(anEntry({ arrival: 1, tenant: "other" }));
    expect(queue.load("new", "m").fairShare).toBeCloseTo(2 / 3, 12);
    expect(queue.load("plain", "m").fairShare).toBeCloseTo(1 / 2, 12);
    queue.add(anEntry({ arrival: 2, tenant: "new" }));
    expect(queue.load("new", "m").fairShare).toBeCloseTo(2 / 3, 12);
    expect(queue.load("other", "m").fairShare).toBeCloseTo(1 / 3, 12);
    expect(queue.load("plain", "m").fairShare).toBeCloseTo(1 / 4, 12);
    expect(queue.load("sure", "m").fairShare).toBe(0.6);
  });

  test("counts a tenant that has nothing to do any more in the group that it is in now", () => {
    const policies = createTestPolicies(
      { mover: { group: "g" }, mate: { group: "h" } },
      { h: { weight: 3 } },
    );
    const queue = createFairQueue<NamedEntry>({ policies });
    queue.add(anEntry({ arrival: 1, tenant: "mover" }));
    for (const entry of queue.take(someLimits(), 0)) queue.settle(entry, 1);
    for (const [arrival, tenant] of ["mate", "other"].entries()) queue.add(anEntry({ arrival, tenant }));
    policies.setTenant("mover", { group: "h" });
    expect(queue.load("mover", "m").fairShare).toBeCloseTo(3 / 8, 12);
  });

  test("values what waits at what the last requests of the tenant and model cost, else of the model", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    queue.add(anEntry({ arrival: 1, tenant: "a", model: "m", items: 2 }));
    for (const entry of queue.take(someLimits(), 0)) queue.settle(entry, 80);
    queue.add(anEntry({ arrival: 2, tenant: "a", model: "m", items: 3 }));
    queue.add(anEntry({ arrival: 3, tenant: "a", model: "n" }));
    expect(queue.load("a", "m")).toMatchObject({ waitingMs: 121, costPerItemMs: 40 });
    expect(queue.load("a", "n")).toMatchObject({ costPerItemMs: 1 });
    expect(queue.load("b", "m")).toMatchObject({ waitingMs: 0, costPerItemMs: 40 });
    expect(queue.costPerItemMs("m")).toBe(40);
    expect(queue.costPerItemMs("n")).toBeUndefined();
  });

  test("says how long what waits really waits beside others that keep waiting", () => {
    const aTenant = fc.record({
      weight: fc.constantFrom(0.5, 1, 2, 5),
      group: fc.constantFrom("", "g", "h"),
    });
    const aPool = fc.record({
      tenants: fc.array(aTenant, { minLength: 2, maxLength: 6 }),
      groupWeight: fc.constantFrom(0.5, 1, 3),
      count: fc.integer({ min: 1, max: 60 }),
      costMs: fc.constantFrom(1, 8),
    });
    fc.assert(
      fc.property(aPool, ({ tenants, groupWeight, count, costMs }) => {
        const policies = createTestPolicies(
          Object.fromEntries(tenants.map((tenant, number) => [`t${number}`, tenant])),
          { g: { weight: groupWeight } },
        );
        const queue = createFairQueue<NamedEntry>({ policies });
        let arrival = 0;
        const add = (tenant: string): void => {
          arrival += 1;
          queue.add(anEntry({ arrival, tenant }));
        };
        add("teacher");
        for (const entry of queue.take(someLimits(), 0)) queue.settle(entry, costMs);
        for (const number of tenants.keys()) {
          for (let added = 0; added < (number === 0 ? count : 3); added++) add(`t${number}`);
        }
        const { waitingMs, fairShare } = queue.load("t0", "m");
        expect(waitingMs).toBeCloseTo(count * costMs, 6);

        let spentMs = 0;
        for (let left = count; left > 0;) {
          const [entry] = queue.take(someLimits({ most: 1 }), 0);
          if (entry === undefined) break;
          queue.settle(entry, costMs);
          spentMs += costMs;
          if (entry.tenant === "t0") left -= 1;
          else add(entry.tenant);
        }
        // Each sibling, at each level, is at most a request ahead or behind on either side.
        const slackMs = ((tenants.length + 1) * 2 * costMs) / fairShare;
        expect(Math.abs(spentMs - waitingMs / fairShare)).toBeLessThanOrEqual(slackMs);
      }),
      { numRuns: 200 },
    );
  });
});

describe("groupLoad() of createFairQueue()", () => {
  test("is that of all its tenants together, whatever comes, goes, changes and is learned", () => {
    fc.assert(
      fc.property(someSteps(fc.constantFrom(0, 0.1, 3, 7)), (steps) => {
        const policies = createTestPolicies({ two: { group: "g" }, three: { group: "g" } });
        const queue = createFairQueue<NamedEntry>({ policies });
        const pool: Pool = { policies, queue, running: [], arrival: 0 };
        for (const step of steps) {
          act(pool, step);
          const shares = [...queue.shares()];
          for (const name of names) {
            const { group } = policies.tenant(name);
            if (group === "") continue;
            const mates = shares.filter((share) => share.group === group);
            const waitingMs = mates.reduce((sum, { tenant }) => sum + queue.load(tenant, "m").waitingMs, 0);
            const fairShare = mates.reduce((sum, mate) => sum + mate.fairShare, 0);
            const load = queue.groupLoad(name, "m");
            expect(load.waitingMs).toBeCloseTo(waitingMs, 6);
            expect(load.costPerItemMs).toBe(queue.load(name, "m").costPerItemMs);
            if (fairShare > 0) expect(load.fairShare).toBeCloseTo(fairShare, 9);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is due at least the guarantee of the group, in its highest class that has work", () => {
    const policies = createTestPolicies(
      { high: { group: "g" }, low: { group: "g", class: "background" } },
      { g: { weight: 0.25, minShare: 0.9 } },
    );
    const queue = createFairQueue<NamedEntry>({ policies });
    queue.add(anEntry({ arrival: 1, tenant: "other" }));
    for (const entry of queue.take(someLimits(), 0)) queue.settle(entry, 10_000);
    for (const [arrival, tenant] of ["other", "low"].entries()) queue.add(anEntry({ arrival, tenant }));
    expect(queue.groupLoad("high", "m").fairShare).toBe(0.9);
    expect(queue.groupLoad("low", "m").fairShare).toBe(0.9);
    expect(queue.load("low", "m").fairShare).toBe(0.9);
    queue.add(anEntry({ arrival: 3, tenant: "high" }));
    expect(queue.groupLoad("high", "m").fairShare).toBe(0.9);
    expect(queue.groupLoad("low", "m").fairShare).toBe(0.05);
    policies.setGroup("g", { minShare: 0 });
    queue.add(anEntry({ arrival: 4, tenant: "high" }));
    expect(queue.groupLoad("high", "m").fairShare).toBeCloseTo(0.95 * 0.2, 12);
  });
});
