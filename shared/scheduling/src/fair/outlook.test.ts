import { tenantClasses } from "@sluice/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import type { Slot } from "./outlook.ts";
import { createTestPolicies } from "./pool.fixture.ts";
import { aQueue, models, serve, type Backlog } from "./served.fixture.ts";

/** Idle slots that take batches of at most `most`. */
function idleSlots(count: number, most: number): Slot<NamedEntry>[] {
  const limits = someLimits({ models, most });
  return Array.from({ length: count }, () => ({ limits, running: [], freeInMs: 0 }));
}

/** One slot that runs everything, all models and any number at a time. */
const anyPool = { slots: idleSlots(1, Infinity), nowMs: 0 };

const aBacklog: fc.Arbitrary<Backlog> = fc.record({
  tenant: fc.constantFrom("t1", "t2", "t3", "t4", "t5", "t6"),
  weight: fc.constantFrom(1, 2, 3, 0.5),
  group: fc.constantFrom("", "", "lab", "crowd"),
  class: fc.constantFrom("normal" as const, ...tenantClasses),
  minShare: fc.constantFrom(0, 0, 0, 0.2),
  maxInFlight: fc.constantFrom(Infinity, Infinity, 5),
  models: fc.subarray(models, { minLength: 1 }),
  depth: fc.integer({ min: 1, max: 25 }),
});

const anyBacklog = { weight: 1, group: "", class: "normal", minShare: 0, maxInFlight: Infinity } as const;

/** A tenant and a group that are owed the same: the one that was guaranteed its part first goes first. */
const twoGuaranteed = {
  backlogs: [
    { ...anyBacklog, tenant: "t6", group: "lab", models: ["b"], depth: 1 },
    { ...anyBacklog, tenant: "t5", minShare: 0.2, models: ["a"], depth: 9 },
    { ...anyBacklog, tenant: "t4", models: ["a", "c"], depth: 7 },
    { ...anyBacklog, tenant: "t3", models: ["c"], depth: 7 },
    { ...anyBacklog, tenant: "t1", group: "lab", models: ["a"], depth: 7 },
  ],
  workers: [{ most: 8, called: ["b", "c"] }],
  takenCount: 6,
  pick: 0,
};

/** Nothing runs alone: who asked for that would have a tenant stand back that has as much in flight as it may. */
const guaranteedOneFull = {
  backlogs: [
    { ...anyBacklog, tenant: "t5", minShare: 0.2, models: ["b"], depth: 11 },
    { ...anyBacklog, tenant: "t2", class: "urgent" as const, models: ["b", "c"], depth: 14 },
    { ...anyBacklog, tenant: "t1", minShare: 0.2, maxInFlight: 5, models: ["a", "b", "c"], depth: 14 },
    { ...anyBacklog, tenant: "t4", models: ["b"], depth: 10 },
    { ...anyBacklog, tenant: "t6", models: ["a"], depth: 13 },
    { ...anyBacklog, tenant: "t3", models: ["a"], depth: 7 },
  ],
  workers: [
    { most: 8, called: ["a", "b"] },
    { most: 1, called: ["b", "c"] },
    { most: 8, called: ["b", "c"] },
  ],
  takenCount: 0,
  pick: 66439929,
};

/** At most six tenants. */
const someBacklogs = fc.uniqueArray(aBacklog, {
  minLength: 1,
  maxLength: 6,
  selector: ({ tenant }) => tenant,
});

function entryOf(queue: FairQueue<NamedEntry>, key: string): NamedEntry {
  const entry = [...queue.entries()].find((each) => each.key === key);
  if (entry === undefined) throw new Error(`${key} does not wait`);
  return entry;
}

describe("outlook() of createFairQueue()", () => {
  const aPool = fc.record({
    backlogs: someBacklogs,
    workers: fc.array(
      fc.record({ most: fc.constantFrom<number>(1, 4, 8), called: fc.subarray(models, { minLength: 2 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    takenCount: fc.nat({ max: 60 }),
    pick: fc.nat(),
  });

  test("is what then happens, with several models, groups, classes, limits and workers", () => {
    fc.assert(
      fc.property(aPool, ({ backlogs, workers, takenCount, pick }) => {
        const queue = aQueue(backlogs);
        // One of them runs everything.
        const limits = workers.map(({ most, called }, index) =>
          someLimits({ models: index === 0 ? models : called, most }),
        );
        const service = serve(queue, limits);
        let count = 0;
        if (takenCount > 0) {
          service.run(
            (batch) => (count += batch.length) >= Math.min(takenCount, queue.size + batch.length - 1),
          );
        }
        const waiting = [...queue.entries()];
        const entry = waiting[pick % waiting.length];
        if (entry === undefined) return;
        const outlook = queue.outlook(entry, { slots: service.slots(), nowMs: 0 });

        let aheadCount = 0;
        let place = 1;
        const askedMs = service.nowMs();
        service.run((batch) => {
          for (const other of batch) {
            if (other === entry) return true;
            aheadCount += 1;
            if (other.tenant === entry.tenant) place += 1;
          }
          return false;
        });
        expect(outlook).toMatchObject({ aheadCount, place });
        expect(outlook?.startInMs).toBeCloseTo(service.nowMs() - askedMs, 6);
      }),
      { numRuns: 300, examples: [[twoGuaranteed], [guaranteedOneFull]] },
    );
  });

  test("changes nothing", () => {
    fc.assert(
      fc.property(aPool, ({ backlogs, takenCount, pick }) => {
        const [asked, other] = [aQueue(backlogs), aQueue(backlogs)];
        const orderOf = (queue: FairQueue<NamedEntry>, most: number): string[] =>
          queue.take(someLimits({ models, most }), 0).map(({ key }) => key);
        for (let count = 0; count < takenCount; count++) {
          const waiting = [...asked.entries()];
          const entry = waiting[(pick + count) % waiting.length];
          if (entry !== undefined) asked.outlook(entry, { slots: idleSlots(2, 4), nowMs: 0 });
          expect(orderOf(asked, 1 + (count % 4))).toEqual(orderOf(other, 1 + (count % 4)));
        }
      }),
      { numRuns: 50 },
    );
  });

  test("counts the place within the tenant, priority before deadline before arrival", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    queue.add(anEntry({ arrival: 1, model: "a", deadlineMs: 50 }));
    queue.add(anEntry({ arrival: 2, model: "a", deadlineMs: 20 }));
    queue.add(anEntry({ arrival: 3, model: "a", priority: 1 }));
    queue.add(anEntry({ arrival: 4, model: "a", tenant: "other" }));
    const places = [1, 2, 3].map((arrival) => queue.outlook(entryOf(queue, `r${arrival}`), anyPool)?.place);
    expect(places).toEqual([3, 2, 1]);
    expect(queue.outlook(entryOf(queue, "r4"), anyPool)).toMatchObject({ place: 1, aheadCount: 1 });
  });

  test("adds up what the work ahead is estimated to cost, and says when the batch begins", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies({ vip: { weight: 2 } }) });
    const first = anEntry({ arrival: 1, model: "a", items: 2 });
    queue.add(first);
    queue.take(someLimits({ models }), 0);
    // From now on an item costs 5 ms.
    queue.settle(first, 10);
    for (const arrival of [2, 3]) queue.add(anEntry({ arrival, model: "a", items: 4 }));
    for (const arrival of [4, 5]) queue.add(anEntry({ arrival, model: "a", tenant: "vip", items: 4 }));
    // `acme` received 10 ms, so `vip` starts there too; its second request starts at 10 + 20 / 2.
    const outlookOf = (key: string, count: number) =>
      queue.outlook(entryOf(queue, key), { slots: idleSlots(count, 1), nowMs: 0 });
    expect(outlookOf("r2", 1)).toMatchObject({ place: 1, aheadCount: 0, aheadMs: 0, startInMs: 0 });
    expect(outlookOf("r3", 1)).toMatchObject({ place: 2, aheadCount: 3, aheadMs: 60, startInMs: 60 });
    expect(outlookOf("r3", 2)).toMatchObject({ aheadCount: 3, aheadMs: 60, startInMs: 20 });
    expect(outlookOf("r5", 1)).toMatchObject({ place: 2, aheadCount: 2, aheadMs: 40, startInMs: 40 });
  });

  test("waits for what runs, and for a worker that runs the model", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies({ one: { maxInFlight: 1 } }) });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "one", model: "a" }));
    queue.add(anEntry({ arrival: 3, tenant: "two", model: "b" }));
    const running = queue.take(someLimits({ models: ["a"] }), 0);
    const limits = someLimits({ models: ["a"] });
    const slots = [
      { limits, running, freeInMs: 30 },
      { limits, running: [], freeInMs: 0 },
    ];
    expect(queue.outlook(entryOf(queue, "r2"), { slots, nowMs: 0 })).toEqual({
      place: 1,
      aheadCount: 0,
      aheadMs: 0,
      startInMs: 30,
      isHeld: true,
    });
    expect(queue.outlook(entryOf(queue, "r3"), { slots, nowMs: 0 })).toMatchObject({
      startInMs: undefined,
      isHeld: false,
    });
    expect(queue.outlook(entryOf(queue, "r3"), { slots: [], nowMs: 0 })?.startInMs).toBeUndefined();
  });

  test.each([
    { who: "a tenant", held: "one", policies: createTestPolicies({ one: { maxInFlight: 1 } }) },
    {
      who: "a group",
      held: "member",
      policies: createTestPolicies({ member: { group: "lab" } }, { lab: { maxInFlight: 1 } }),
    },
  ])("knows that $who which is held back is lifted when it may go on", ({ held, policies }) => {
    const queue = createFairQueue<NamedEntry>({ policies });
    const limits = someLimits({ models, most: 1 });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival, tenant: "other", model: "b" }));
    for (const arrival of [3, 4]) queue.add(anEntry({ arrival, tenant: held, model: "a" }));
    for (const entry of queue.take(limits, 0)) queue.settle(entry, 100);
    const running = queue.take(limits, 0);
    expect(running.map(({ key }) => key)).toEqual(["r3"]);
    // It received less, but what it has in flight is all it may have.
    expect(queue.take({ ...limits, models: ["a"] }, 0)).toEqual([]);
    const outlook = queue.outlook(entryOf(queue, "r4"), {
      slots: [{ limits, running, freeInMs: 1 }],
      nowMs: 0,
    });
    for (const entry of running) queue.settle(entry, entry.chargedMs);
    expect(queue.take(limits, 0).map(({ key }) => key)).toEqual(["r2"]);
    expect(outlook).toMatchObject({ place: 1, aheadCount: 1 });
  });

  test("reckons what is further away than it looks from how far it got", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    const count = 12_000;
    for (let turn = 0; turn < count; turn++) {
      queue.add(anEntry({ arrival: 2 * turn, tenant: "one", model: "a" }));
      queue.add(anEntry({ arrival: 2 * turn + 1, tenant: "two", model: "a" }));
    }
    const outlook = queue.outlook(entryOf(queue, `r${2 * count - 2}`), { slots: idleSlots(2, 8), nowMs: 0 });
    expect(outlook?.place).toBe(count);
    expect(Math.abs((outlook?.aheadCount ?? 0) - 2 * count)).toBeLessThanOrEqual(16);
    expect(Math.abs((outlook?.startInMs ?? 0) / count - 1)).toBeLessThan(0.01);
  });

  test("knows nothing of an entry that does not wait", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    const entry = anEntry({ arrival: 1 });
    expect(queue.outlook(entry, anyPool)).toBeUndefined();
    queue.add(entry);
    queue.take(someLimits(), 0);
    expect(queue.outlook(entry, anyPool)).toBeUndefined();
  });
});
