import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeRequestQueue } from "../contract.ts";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "./fair-queue.ts";
import { goesBefore } from "./lane-entries.ts";
import { createTestPolicies } from "./pool.fixture.ts";

const create = (policies = createTestPolicies()) => createFairQueue<NamedEntry>({ policies });

describeRequestQueue("createFairQueue()", create, {
  laneOf: (entry) => entry.tenant,
  compare: (a, b) => (goesBefore(a, b) ? -1 : 1),
});

describe("createFairQueue()", () => {
  test("takes a higher priority first, then the earlier deadline, then the earlier arrival", () => {
    const queue = create();
    queue.add(anEntry({ arrival: 1 }));
    queue.add(anEntry({ arrival: 2, deadlineMs: 50 }));
    queue.add(anEntry({ arrival: 3, deadlineMs: 40 }));
    queue.add(anEntry({ arrival: 4, priority: 1 }));
    queue.add(anEntry({ arrival: 5, deadlineMs: 40 }));
    queue.add(anEntry({ arrival: 6, priority: 1, deadlineMs: 90 }));
    expect(keysOf(queue.entries())).toEqual(["r6", "r4", "r3", "r5", "r2", "r1"]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r6", "r4", "r3", "r5", "r2", "r1"]);
  });

  test("charges what a request has cost so far where that is more than its estimate, and the rest at its end", () => {
    const queue = create();
    const entry = anEntry({ arrival: 1 });
    queue.add(entry);
    queue.take(someLimits({ most: 1 }), 0);
    const estimateMs = queue.chargedMs();
    queue.accrue(entry, estimateMs / 2);
    expect(queue.chargedMs()).toBe(estimateMs);
    queue.accrue(entry, 40);
    queue.accrue(entry, 30);
    expect(queue.chargedMs()).toBe(40);
    queue.settle(entry, 50);
    expect(queue.chargedMs()).toBe(50);
    queue.accrue(entry, 90);
    expect(queue.chargedMs()).toBe(50);
  });

  test("lets no priority go before another tenant", () => {
    const queue = create();
    queue.add(anEntry({ arrival: 1, tenant: "meek" }));
    queue.add(anEntry({ arrival: 2, tenant: "loud", priority: 9 }));
    expect(keysOf(queue.take(someLimits({ most: 1 }), 0))).toEqual(["r1"]);
  });

  test("fills a batch with the fairest requests for its model, whatever else they wait for", () => {
    const queue = create();
    for (const arrival of [1, 2, 3, 4]) queue.add(anEntry({ arrival, tenant: "big" }));
    queue.add(anEntry({ arrival: 5, tenant: "other", model: "n" }));
    for (const arrival of [6, 7]) queue.add(anEntry({ arrival, tenant: "small" }));
    expect(keysOf(queue.take(someLimits({ models: ["m", "n"], most: 5 }), 0))).toEqual([
      "r1",
      "r6",
      "r2",
      "r7",
      "r3",
    ]);
    expect(keysOf(queue.take(someLimits({ models: ["m", "n"] }), 0))).toEqual(["r5"]);
  });

  test("stops a batch at another tenant's request that does not fit any more", () => {
    const queue = create();
    queue.add(anEntry({ arrival: 1, tenant: "one", items: 2 }));
    queue.add(anEntry({ arrival: 2, tenant: "two", items: 7 }));
    queue.add(anEntry({ arrival: 3, tenant: "one" }));
    expect(keysOf(queue.take(someLimits({ most: 8 }), 0))).toEqual(["r1"]);
    expect(keysOf(queue.take(someLimits({ maxBytes: 8 }), 0))).toEqual(["r2", "r3"]);
  });

  test("passes over a tenant whose head this worker cannot run, which keeps its turn for another", () => {
    const queue = create();
    queue.add(anEntry({ arrival: 1, tenant: "large", bytes: 9 }));
    for (const arrival of [2, 3]) queue.add(anEntry({ arrival, tenant: "small" }));
    expect(keysOf(queue.take(someLimits({ maxBytes: 8 }), 0))).toEqual(["r2", "r3"]);
    queue.add(anEntry({ arrival: 4, tenant: "small" }));
    expect(keysOf(queue.take(someLimits({ maxBytes: 9 }), 0))).toEqual(["r1"]);
  });

  test("passes over a group of which this worker can run nothing", () => {
    const queue = create(createTestPolicies({ inside: { group: "g" } }));
    queue.add(anEntry({ arrival: 1, tenant: "inside", bytes: 9 }));
    queue.add(anEntry({ arrival: 2, tenant: "outside" }));
    expect(keysOf(queue.take(someLimits({ maxBytes: 8 }), 0))).toEqual(["r2"]);
    expect(keysOf(queue.take(someLimits({ maxBytes: 9 }), 0))).toEqual(["r1"]);
  });

  test("charges an estimate at take, which what it cost corrects", () => {
    const queue = create();
    const charged = () => [...queue.shares()].map(({ v, chargedMs, inFlight }) => [v, chargedMs, inFlight]);
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, items: 4 }));
    queue.add(anEntry({ arrival: 3, items: 2 }));
    const [first] = queue.take(someLimits({ most: 4 }), 0);
    expect(first?.chargedMs).toBe(4);
    expect(charged()).toEqual([[4, 4, 1]]);
    if (first !== undefined) queue.settle(first, 40);
    expect(charged()).toEqual([[40, 40, 0]]);
    const [second, third] = queue.take(someLimits(), 0);
    expect([second?.chargedMs, third?.chargedMs]).toEqual([40, 20]);
  });

  test("estimates what a tenant's request costs from its own, else from all of the model", () => {
    const queue = create();
    let arrival = 0;
    const chargeOf = (tenant: string, costMs: number): number => {
      arrival += 1;
      queue.add(anEntry({ arrival, tenant }));
      const [entry] = queue.take(someLimits(), 0);
      const chargedMs = entry?.chargedMs ?? NaN;
      if (entry !== undefined) queue.settle(entry, costMs);
      return chargedMs;
    };
    expect(chargeOf("one", 10)).toBe(1);
    expect(chargeOf("one", 20)).toBe(10);
    expect(chargeOf("one", 0)).toBeCloseTo(11);
    expect(chargeOf("two", 11)).toBeCloseTo(11);
    expect(chargeOf("one", 11)).toBeCloseTo(11);
  });

  test.each([
    ["of a tenant", {}],
    ["of a group", { one: { group: "g" }, two: { group: "h" } }],
  ])("counts what a request cost before the next one %s is taken, for whatever model", (_, tenants) => {
    const queue = create(createTestPolicies(tenants));
    const models = ["m", "n"];
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "one" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: "two" }));
    queue.add(anEntry({ arrival: 5, tenant: "one", model: "n" }));
    queue.add(anEntry({ arrival: 6, tenant: "two", model: "n" }));
    const taken = queue.take(someLimits({ most: 2 }), 0);
    expect(keysOf(taken)).toEqual(["r1", "r3"]);
    for (const entry of taken) queue.settle(entry, entry.tenant === "one" ? 100 : 1);
    expect(keysOf(queue.take(someLimits({ models: ["n"], most: 1 }), 0))).toEqual(["r6"]);
    expect(keysOf(queue.take(someLimits({ models, most: 1 }), 0))).toEqual(["r4"]);
    expect(keysOf(queue.take(someLimits({ models, most: 1 }), 0))).toEqual(["r5"]);
  });

  test.each([
    ["without groups", {}],
    ["in groups", { one: { group: "g" }, two: { group: "h" } }],
  ])("takes nothing for work that comes back, and settles once, %s", (_, tenants) => {
    const queue = create(createTestPolicies(tenants));
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "one" }));
    queue.add(anEntry({ arrival: 3, tenant: "two" }));
    const [taken] = queue.take(someLimits({ most: 1 }), 0);
    if (taken === undefined) throw new Error("nothing was taken");
    queue.settle(taken, 0);
    queue.settle(taken, 50);
    queue.add({ ...taken, stay: "new" });
    expect([...queue.shares()].map(({ tenant, v, inFlight }) => [tenant, v, inFlight])).toEqual([
      ["one", 0, 0],
      ["two", 0, 0],
    ]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1", "r3", "r2"]);
  });

  test("counts what it adopts as if it had been taken here", () => {
    const queue = create(createTestPolicies({ one: { maxInFlight: 1 } }));
    const adopted = anEntry({ arrival: 1, tenant: "one" });
    queue.adopt(adopted);
    expect(() => queue.adopt(adopted)).toThrow("once");
    queue.add(anEntry({ arrival: 2, tenant: "one" }));
    expect(queue.size).toBe(1);
    expect(queue.take(someLimits(), 0)).toEqual([]);
    queue.settle(adopted, 10);
    expect([...queue.shares()].map(({ v, inFlight }) => [v, inFlight])).toEqual([[10, 0]]);
    expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2"]);
  });

  test("leaves no worker idle that a request waits for, and keeps to every maxInFlight", () => {
    const policies = createTestPolicies(
      { t0: { maxInFlight: 1 }, t1: { group: "g", minShare: 0.5 }, t2: { group: "g", maxInFlight: 2 } },
      { g: { maxInFlight: 3 } },
    );
    const aStep = fc.oneof(
      fc.record({
        kind: fc.constant("add" as const),
        tenant: fc.constantFrom("t0", "t1", "t2", "t3"),
        model: fc.constantFrom("a", "b"),
        items: fc.integer({ min: 1, max: 4 }),
      }),
      fc.record({
        kind: fc.constant("take" as const),
        models: fc.subarray(["a", "b"], { minLength: 1 }),
        most: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ kind: fc.constant("settle" as const), costMs: fc.integer({ min: 0, max: 50 }) }),
    );
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 150, size: "max" }), (steps) => {
        const queue = create(policies);
        const inFlight: NamedEntry[] = [];
        const countOf = (tenants: readonly string[]): number =>
          inFlight.filter(({ tenant }) => tenants.includes(tenant)).length;
        const mayRun = ({ tenant }: NamedEntry): boolean =>
          tenant === "t3" ||
          (tenant === "t0" && countOf(["t0"]) < 1) ||
          (tenant === "t1" && countOf(["t1", "t2"]) < 3) ||
          (tenant === "t2" && countOf(["t1", "t2"]) < 3 && countOf(["t2"]) < 2);
        steps.forEach((step, arrival) => {
          if (step.kind === "add") queue.add(anEntry({ ...step, arrival }));
          if (step.kind === "settle") {
            const entry = inFlight.shift();
            if (entry !== undefined) queue.settle(entry, step.costMs);
          }
          if (step.kind !== "take") return;
          const { models, most } = step;
          const heads = new Map<string, NamedEntry>();
          for (const entry of queue.entries()) {
            const lane = `${entry.tenant} ${entry.model}`;
            if (!heads.has(lane)) heads.set(lane, entry);
          }
          const canRun = [...heads.values()].some((head) => models.includes(head.model) && mayRun(head));
          const taken = queue.take(someLimits({ models, most }), 0);
          expect(taken.length > 0).toBe(canRun);
          for (const entry of taken) {
            expect(mayRun(entry)).toBe(true);
            inFlight.push(entry);
          }
        });
      }),
    );
  });
});
