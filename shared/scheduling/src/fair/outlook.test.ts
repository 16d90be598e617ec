import { tenantClasses } from "@sluice/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import type { BatchLimits } from "../request-queue.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import type { Slot } from "./outlook.ts";
import { createTestPolicies } from "./pool.fixture.ts";

const models = ["a", "b", "c"];

/** Idle slots that take batches of at most `most`. */
function idleSlots(count: number, most: number): Slot<NamedEntry>[] {
  const limits = someLimits({ models, most });
  return Array.from({ length: count }, () => ({ limits, running: [], freeInMs: 0 }));
}

/** One slot that runs everything, all models and any number at a time. */
const anyPool = { slots: idleSlots(1, Infinity), nowMs: 0 };

interface Backlog {
  readonly tenant: string;
  readonly weight: number;
  readonly group: string;
  readonly class: (typeof tenantClasses)[number];
  readonly minShare: number;
  readonly maxInFlight: number;
  readonly models: readonly string[];
  readonly depth: number;
}

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

/** At most six tenants. */
const someBacklogs = fc.uniqueArray(aBacklog, {
  minLength: 1,
  maxLength: 6,
  selector: ({ tenant }) => tenant,
});

/** What an item of each model costs. */
const costPerItemMs: Readonly<Record<string, number>> = { a: 1, b: 4, c: 9 };

/** A queue with these backlogs, which came in turns, that knows what its models cost. */
function aQueue(backlogs: readonly Backlog[]): FairQueue<NamedEntry> {
  const policies = createTestPolicies({}, { lab: { weight: 2, minShare: 0.1 }, crowd: { maxInFlight: 7 } });
  for (const { tenant, ...policy } of backlogs) policies.setTenant(tenant, policy);
  const queue = createFairQueue<NamedEntry>({ policies });
  let arrival = 0;
  const add = (tenant: string, model: string): void => {
    arrival += 1;
    queue.add(anEntry({ arrival, tenant, model, items: 1 + (arrival % 3) }));
  };
  for (const model of models) {
    add("teacher", model);
    for (const entry of queue.take(someLimits({ models }), 0)) {
      queue.settle(entry, entry.items * (costPerItemMs[model] ?? 0));
    }
  }
  const mostDepth = Math.max(...backlogs.map(({ depth }) => depth));
  for (let turn = 0; turn < mostDepth; turn++) {
    for (const { tenant, models: called, depth } of backlogs) {
      if (turn < depth) add(tenant, called[turn % called.length] ?? "a");
    }
  }
  return queue;
}

/** A worker that runs one batch at a time, for as long as it is estimated to cost. */
interface Worker {
  readonly limits: BatchLimits;
  running: NamedEntry[];
  endMs: number;
}

/** Serves a queue in virtual time, as workers do that ask as soon as they are free. */
interface Service {
  readonly queue: FairQueue<NamedEntry>;
  nowMs(): number;
  slots(): Slot<NamedEntry>[];
  /** Runs batches, telling of each, until `isEnough` says so. */
  run(isEnough: (batch: readonly NamedEntry[]) => boolean): void;
}

function serve(queue: FairQueue<NamedEntry>, limits: readonly BatchLimits[]): Service {
  const workers = limits.map((each): Worker => ({ limits: each, running: [], endMs: 0 }));
  let nowMs = 0;
  const endNext = (): void => {
    const busy = workers.filter(({ running }) => running.length > 0);
    if (busy.length === 0) throw new Error("nobody runs what waits");
    nowMs = Math.min(...busy.map(({ endMs }) => endMs));
    for (const worker of busy) {
      if (worker.endMs > nowMs) continue;
      for (const entry of worker.running) queue.settle(entry, entry.chargedMs);
      worker.running = [];
    }
  };
  return {
    queue,
    nowMs: () => nowMs,
    slots: () =>
      workers.map(({ limits: each, running, endMs }) => ({
        limits: each,
        running,
        freeInMs: running.length > 0 ? endMs - nowMs : 0,
      })),
    run: (isEnough) => {
      for (;;) {
        for (const worker of workers) {
          if (worker.running.length > 0) continue;
          worker.running = queue.take(worker.limits, 0);
          if (worker.running.length === 0) continue;
          worker.endMs = worker.running.reduce((endMs, { chargedMs }) => endMs + chargedMs, nowMs);
          if (isEnough(worker.running)) return;
        }
        endNext();
      }
    },
  };
}

function entryOf(queue: FairQueue<NamedEntry>, key: string): NamedEntry {
  const entry = [...queue.entries()].find((each) => each.key === key);
  if (entry === undefined) throw new Error(`${key} does not wait`);
  return entry;
}

describe("outlook() of createFairQueue()", () => {
  const aPool = fc.record({
    backlogs: someBacklogs,
    workers: fc.array(
      fc.record({ most: fc.constantFrom(1, 4, 8), called: fc.subarray(models, { minLength: 2 }) }),
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
      { numRuns: 300 },
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
