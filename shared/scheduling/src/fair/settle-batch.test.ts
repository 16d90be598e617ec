import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import type { SharePolicies } from "../share-policy.ts";
import { createFairQueue, type FairQueue } from "./fair-queue.ts";

const tenants = ["acme", "beta", "gamma", "delta"];

/** Two tenants by themselves, one of them with a bound, and two in a group. */
const policies: SharePolicies = {
  tenant: (name) => ({
    class: "normal",
    group: name === "gamma" || name === "delta" ? "lab" : "",
    weight: name === "acme" ? 3 : 1,
    minShare: 0,
    maxInFlight: name === "beta" ? 2 : Infinity,
  }),
  revision: () => 0,
  group: () => ({ weight: 2, minShare: 0, maxInFlight: 5 }),
};

describe("settleBatch() of a fair queue", () => {
  test("leaves the queue as settling one by one does", () => {
    const aRound = fc.record({
      adds: fc.array(fc.constantFrom(...tenants), { maxLength: 12 }),
      most: fc.integer({ min: 1, max: 8 }),
      costMs: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(aRound, { maxLength: 30 }), (rounds) => {
        const [one, all] = [
          createFairQueue<NamedEntry>({ policies }),
          createFairQueue<NamedEntry>({ policies }),
        ];
        let arrival = 0;
        for (const { adds, most, costMs } of rounds) {
          for (const tenant of adds) {
            arrival += 1;
            one.add(anEntry({ arrival, tenant }));
            all.add(anEntry({ arrival, tenant }));
          }
          const costOf = ({ arrival: place }: NamedEntry): number => costMs * (1 + (place % 3));
          const [taken, same] = [one.take(someLimits({ most }), 0), all.take(someLimits({ most }), 0)];
          expect(keysOf(same)).toEqual(keysOf(taken));
          for (const entry of taken) one.settle(entry, costOf(entry));
          all.settleBatch(same, costOf);
          expect(stateOf(all)).toEqual(stateOf(one));
        }
      }),
      // Rare: several of a tenant that is held back end together.
      { numRuns: 500 },
    );
  });

  test("settles nothing twice, and nothing that was not taken", () => {
    const queue = createFairQueue<NamedEntry>({ policies });
    for (const arrival of [1, 2]) queue.add(anEntry({ arrival }));
    const taken = queue.take(someLimits({ most: 1 }), 0);
    queue.settleBatch([...taken, ...queue.entries()], () => 5);
    queue.settleBatch(taken, () => 5);
    expect(queue.chargedMs()).toBe(5);
  });
});

function stateOf(queue: FairQueue<NamedEntry>): unknown {
  return { charged: queue.chargedMs(), shares: [...queue.shares()], virtualTimes: [...queue.virtualTimes()] };
}
