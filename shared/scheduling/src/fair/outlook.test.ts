import { tenantClasses } from "@sluice/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies } from "./pool.fixture.ts";

const models = ["a", "b"];

/** Takes batches until the entry is among them; returns how many were taken before it. */
function takenBefore(queue: FairQueue<NamedEntry>, entry: NamedEntry, most: number): number {
  let count = 0;
  for (;;) {
    const batch = queue.take(someLimits({ models, most }), 0);
    if (batch.length === 0) throw new Error("the entry was never taken");
    const place = batch.indexOf(entry);
    if (place !== -1) return count + place;
    count += batch.length;
  }
}

interface Backlog {
  readonly tenant: string;
  readonly weight: number;
  readonly group: string;
  readonly model: string;
  readonly depth: number;
}

const aModel = fc.constantFrom(...models);

const aBacklog: fc.Arbitrary<Backlog> = fc.record({
  tenant: fc.constantFrom("t1", "t2", "t3", "t4", "t5", "t6"),
  weight: fc.constantFrom(1, 2, 3, 0.5),
  group: fc.constantFrom("", "", "lab", "crowd"),
  model: fc.constant("a"),
  depth: fc.integer({ min: 1, max: 40 }),
});

/** At most six tenants, each with one model. */
const someBacklogs = fc.uniqueArray(aBacklog, {
  minLength: 1,
  maxLength: 6,
  selector: ({ tenant }) => tenant,
});

/** A queue with these backlogs, which came in turns, from which some was taken already. */
function aQueue(backlogs: readonly Backlog[], takenCount = 0): FairQueue<NamedEntry> {
  const policies = createTestPolicies({}, { lab: { weight: 2 } });
  for (const { tenant, weight, group } of backlogs) policies.setTenant(tenant, { weight, group });
  const queue = createFairQueue<NamedEntry>({ policies });
  const mostDepth = Math.max(...backlogs.map(({ depth }) => depth));
  let arrival = 0;
  for (let turn = 0; turn < mostDepth; turn++) {
    for (const { tenant, model, depth } of backlogs) {
      arrival += 1;
      if (turn < depth) queue.add(anEntry({ arrival, tenant, model }));
    }
  }
  const taken: NamedEntry[] = [];
  while (taken.length < takenCount && queue.size > 1)
    taken.push(...queue.take(someLimits({ models, most: 1 }), 0));
  return queue;
}

function entryOf(queue: FairQueue<NamedEntry>, key: string): NamedEntry {
  const entry = [...queue.entries()].find((each) => each.key === key);
  if (entry === undefined) throw new Error(`${key} does not wait`);
  return entry;
}

describe("outlook() of createFairQueue()", () => {
  test.each([8, 16])("names the number ahead to within one batch of %i, at equal costs", (most) => {
    fc.assert(
      fc.property(someBacklogs, fc.nat({ max: 60 }), fc.nat(), (backlogs, takenCount, pick) => {
        const queue = aQueue(backlogs, takenCount);
        const waiting = [...queue.entries()];
        const entry = waiting[pick % waiting.length];
        if (entry === undefined) throw new Error("nothing waits");
        const aheadCount = queue.outlook(entry)?.aheadCount ?? Number.NaN;
        expect(Math.abs(takenBefore(queue, entry, most) - aheadCount)).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1000 },
    );
  });

  test("names the number ahead among several models, whose batches are of one request each, to within one a tenant", () => {
    fc.assert(
      fc.property(
        someBacklogs,
        fc.array(aModel, { minLength: 6, maxLength: 6 }),
        fc.nat(),
        (backlogs, named, pick) => {
          const queue = aQueue(
            backlogs.map((backlog, index) => ({ ...backlog, model: named[index] ?? "a" })),
          );
          const waiting = [...queue.entries()];
          const entry = waiting[pick % waiting.length];
          if (entry === undefined) throw new Error("nothing waits");
          const aheadCount = queue.outlook(entry)?.aheadCount ?? Number.NaN;
          expect(Math.abs(takenBefore(queue, entry, 1) - aheadCount)).toBeLessThanOrEqual(6);
        },
      ),
      { numRuns: 500 },
    );
  });

  test("names it exactly where batches cannot change the order", () => {
    const backlog = { group: "", model: "a", depth: 20 };
    const backlogs = [
      { ...backlog, tenant: "t1", weight: 1 },
      { ...backlog, tenant: "t2", weight: 2 },
      { ...backlog, tenant: "t3", weight: 4 },
    ];
    const order = aQueue(backlogs).take(someLimits({ models }), 0);
    const queue = aQueue(backlogs);
    expect(order).toHaveLength(60);
    for (const [place, { key }] of order.entries()) {
      expect(queue.outlook(entryOf(queue, key))).toMatchObject({ aheadCount: place, aheadMs: place });
    }
  });

  test("counts the place within the tenant, priority before deadline before arrival", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    queue.add(anEntry({ arrival: 1, deadlineMs: 50 }));
    queue.add(anEntry({ arrival: 2, deadlineMs: 20 }));
    queue.add(anEntry({ arrival: 3, priority: 1 }));
    queue.add(anEntry({ arrival: 4, tenant: "other" }));
    const places = [1, 2, 3].map((arrival) => queue.outlook(entryOf(queue, `r${arrival}`))?.place);
    expect(places).toEqual([3, 2, 1]);
    expect(queue.outlook(entryOf(queue, "r4"))).toMatchObject({ place: 1, aheadCount: 1 });
  });

  test("adds up what the work ahead is estimated to cost", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies({ vip: { weight: 2 } }) });
    const first = anEntry({ arrival: 1, items: 2 });
    queue.add(first);
    queue.take(someLimits(), 0);
    // From now on an item costs 5 ms.
    queue.settle(first, 10);
    for (const arrival of [2, 3]) queue.add(anEntry({ arrival, items: 4 }));
    for (const arrival of [4, 5]) queue.add(anEntry({ arrival, tenant: "vip", items: 4 }));
    // `acme` received 10 ms, so `vip` starts there too; its second request starts at 10 + 20 / 2.
    expect(queue.outlook(entryOf(queue, "r2"))).toMatchObject({ place: 1, aheadCount: 0, aheadMs: 0 });
    expect(queue.outlook(entryOf(queue, "r3"))).toMatchObject({ place: 2, aheadCount: 3, aheadMs: 60 });
    expect(queue.outlook(entryOf(queue, "r5"))).toMatchObject({ place: 2, aheadCount: 2, aheadMs: 40 });
  });

  test.each([1, 3])(
    "counts what higher classes have, as far as the floor lets it go before, %i tenants in a class",
    (tenantCount) => {
      fc.assert(
        fc.property(
          fc.array(fc.nat({ max: 60 }), { minLength: 3, maxLength: 3 }),
          fc.nat({ max: 200 }),
          fc.nat(),
          (depths, takenCount, pick) => {
            const policies = createTestPolicies();
            const queue = createFairQueue<NamedEntry>({ policies });
            let arrival = 0;
            for (const [rank, depth] of depths.entries()) {
              for (let count = 0; count <= depth * 10; count++) {
                arrival += 1;
                const tenant = `${rank}-${count % tenantCount}`;
                policies.setTenant(tenant, { class: tenantClasses[rank] ?? "normal" });
                queue.add(anEntry({ arrival, tenant, model: "a" }));
              }
            }
            for (let taken = 0; taken < takenCount && queue.size > 1; taken++) {
              for (const entry of queue.take(someLimits({ models, most: 1 }), 0)) queue.settle(entry, 1);
            }
            const waiting = [...queue.entries()];
            const entry = waiting[pick % waiting.length];
            if (entry === undefined) throw new Error("nothing waits");
            const aheadCount = queue.outlook(entry)?.aheadCount ?? Number.NaN;
            // Besides one of each tenant, as without classes: the two floors are paid in turns of twenty.
            const slack = 3 * tenantCount + 2 * 20;
            expect(Math.abs(takenBefore(queue, entry, 1) - aheadCount)).toBeLessThanOrEqual(slack);
          },
        ),
        { numRuns: 100 },
      );
    },
  );

  test("says where maxInFlight of the tenant or of its group holds an entry", () => {
    const policies = createTestPolicies(
      { busy: { maxInFlight: 1 }, member: { group: "lab" } },
      { lab: { maxInFlight: 1 } },
    );
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const [index, tenant] of ["busy", "busy", "member", "member", "free", "free"].entries()) {
      queue.add(anEntry({ arrival: index, tenant }));
    }
    expect(queue.outlook(entryOf(queue, "r1"))?.isHeld).toBe(false);
    queue.take(someLimits({ most: 3 }), 0);
    for (const [key, isHeld] of [
      ["r1", true],
      ["r3", true],
      ["r5", false],
    ] as const) {
      expect(queue.outlook(entryOf(queue, key))?.isHeld).toBe(isHeld);
    }
  });

  test("knows nothing of an entry that does not wait", () => {
    const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
    const entry = anEntry({ arrival: 1 });
    expect(queue.outlook(entry)).toBeUndefined();
    queue.add(entry);
    queue.take(someLimits(), 0);
    expect(queue.outlook(entry)).toBeUndefined();
  });
});
