import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";
import { createTestPolicies } from "./pool.fixture.ts";

// Powers of two, so that virtual times are exact and ties are the same on both sides.
const policies = createTestPolicies(
  { heavy: { weight: 4 }, inside: { group: "g" }, mate: { group: "g", weight: 2 } },
  { g: { weight: 2 } },
);
const tenants = ["heavy", "light", "inside", "mate"];

/** What an owner has in its hands: its queue, and what it gave to workers. */
interface Owner {
  readonly queue: FairQueue<NamedEntry>;
  inFlight: NamedEntry[];
}

/** Takes and settles for a while, so that virtual times differ; leaves some in flight. */
function work({ queue, inFlight }: Owner, rounds: number): string[] {
  const order: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const entry of queue.take(someLimits({ most: 3 }), 0)) {
      order.push(entry.key);
      inFlight.push(entry);
    }
    for (const entry of inFlight.splice(0, Math.max(0, inFlight.length - 4))) queue.settle(entry, 1);
  }
  return order;
}

function createOwner(): Owner {
  const queue = createFairQueue<NamedEntry>({ policies });
  for (let arrival = 0; arrival < 400; arrival++) {
    queue.add(anEntry({ arrival, tenant: tenants[arrival % tenants.length] ?? "" }));
  }
  return { queue, inFlight: [] };
}

function succeed(old: Owner): Owner {
  const queue = createFairQueue<NamedEntry>({ policies });
  const copy = (entry: NamedEntry): NamedEntry => ({ ...entry, stay: "new" });
  queue.restore(old.queue.virtualTimes());
  const inFlight = old.inFlight.map(copy);
  for (const entry of inFlight) queue.adopt(entry);
  for (const entry of old.queue.entries()) queue.add(copy(entry));
  return { queue, inFlight };
}

describe("the hand-over of a fair queue", () => {
  test("goes on as the old owner would have", () => {
    for (const rounds of [0, 1, 7, 20]) {
      const old = createOwner();
      work(old, rounds);
      const successor = succeed(old);
      expect(successor.queue.size).toBe(old.queue.size);
      expect(tenantsOf(work(successor, 60))).toEqual(tenantsOf(work(old, 60)));
    }
  });

  test("takes the lead of a group along in each class that it has tenants in", () => {
    const split = createTestPolicies({
      "g-plain": { group: "g" },
      "g-low": { group: "g", class: "background" },
      "h-plain": { group: "h" },
      "h-low": { group: "h", class: "background" },
    });
    const old = createFairQueue<NamedEntry>({ policies: split });
    for (let arrival = 0; arrival < 8; arrival++) {
      const tenant = ["g-plain", "h-plain", "g-low", "h-low"][arrival % 4] ?? "";
      old.add(anEntry({ arrival, tenant, model: tenant.endsWith("low") ? "n" : "m" }));
    }
    // The group that gets more is another one in each class.
    for (const model of ["m", "n"]) {
      for (const entry of old.take(someLimits({ models: [model], most: 2 }), 0)) {
        old.settle(entry, entry.tenant === "g-plain" || entry.tenant === "h-low" ? 30 : 10);
      }
    }
    expect([...old.virtualTimes()].filter(({ kind }) => kind === "group")).toEqual([
      { kind: "group", name: "g", aheadMs: 20 },
      { kind: "group", name: "h", class: "background", aheadMs: 20 },
    ]);
    const successor = createFairQueue<NamedEntry>({ policies: split });
    successor.restore(old.virtualTimes());
    for (const entry of old.entries()) successor.add({ ...entry, stay: "new" });
    const takeAll = (model: string): string[] =>
      successor.take(someLimits({ models: [model] }), 0).map(({ tenant }) => tenant);
    expect([takeAll("m"), takeAll("n")]).toEqual([
      ["h-plain", "g-plain"],
      ["g-low", "h-low"],
    ]);
  });

  test("takes debts along, of tenants that have no work too", () => {
    const old = createOwner();
    for (const arrival of [1000, 1001]) old.queue.add(anEntry({ arrival, tenant: "debtor", priority: 1 }));
    const [first] = old.queue.take(someLimits({ most: 1 }), 0);
    if (first !== undefined) old.queue.settle(first, 1);
    for (let taken: NamedEntry | undefined = first; taken?.tenant !== "debtor";) {
      [taken] = old.queue.take(someLimits({ most: 1 }), 0);
      if (taken !== undefined) old.queue.settle(taken, taken.tenant === "debtor" ? 500 : 1);
    }
    for (const entry of old.queue.entries()) if (entry.tenant === "debtor") old.queue.remove(entry);
    const { queue } = succeed(old);
    const debt = [...queue.virtualTimes()].find(({ name }) => name === "debtor");
    expect(debt?.aheadMs).toBeGreaterThan(490);
    queue.add(anEntry({ arrival: -1, tenant: "debtor" }));
    expect(keysOf(queue.take(someLimits({ most: 300 }), 0))).not.toContain("r-1");
  });
});

function tenantsOf(keys: readonly string[]): (string | undefined)[] {
  return keys.map((key) => tenants[Number(key.slice(1)) % tenants.length]);
}
