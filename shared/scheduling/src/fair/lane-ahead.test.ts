import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "./fair-queue.ts";
import { goesBefore } from "./lane-entries.ts";
import { createTestPolicies } from "./pool.fixture.ts";

const aQueue = () => createFairQueue<NamedEntry>({ policies: createTestPolicies() });

describe("FairQueue.ahead()", () => {
  test("tells what stands before an entry, until when, and what left since the lane was empty", () => {
    const queue = aQueue();
    for (const arrival of [1, 2, 3, 4]) queue.add(anEntry({ arrival, items: 2, deadlineMs: 100 * arrival }));
    queue.take(someLimits({ most: 2 }), 0);
    expect(queue.ahead(anEntry({ arrival: 9, deadlineMs: 350 }))).toEqual({
      itemsAhead: 4,
      aheadUntilMs: 300,
      runMs: 1,
      busySince: 1,
      takenItems: 2,
      rate: expect.anything(),
    });
  });

  test("begins anew once nothing waited", () => {
    const queue = aQueue();
    queue.add(anEntry({ arrival: 1 }));
    queue.take(someLimits(), 0);
    queue.add(anEntry({ arrival: 2 }));
    expect(queue.ahead(anEntry({ arrival: 3 }))).toMatchObject({ busySince: 2, takenItems: 0 });
  });

  test("counts as taken neither what is removed nor what expires", () => {
    const queue = aQueue();
    const removed = anEntry({ arrival: 1 });
    queue.add(removed);
    for (const arrival of [2, 3, 4]) queue.add(anEntry({ arrival, deadlineMs: 10 * arrival }));
    queue.remove(removed);
    queue.expire(20);
    expect(queue.ahead(anEntry({ arrival: 9 }))).toMatchObject({ itemsAhead: 2, takenItems: 0 });
  });

  test("is nothing for an entry that would be the next one", () => {
    const queue = aQueue();
    expect(queue.ahead(anEntry({ arrival: 1 }))).toBeUndefined();
    queue.add(anEntry({ arrival: 1, deadlineMs: 100 }));
    expect(queue.ahead(anEntry({ arrival: 2, deadlineMs: 50 }))).toBeUndefined();
    expect(queue.ahead(anEntry({ arrival: 2, tenant: "other" }))).toBeUndefined();
  });

  test("never counts more ahead than there are, whoever came out of order or left", () => {
    const anArrival = fc.record({ deadlineMs: fc.nat(1000), priority: fc.constantFrom(0, 0, 0, 1) });
    fc.assert(
      fc.property(
        fc.array(anArrival, { maxLength: 120, size: "max" }),
        fc.infiniteStream(fc.nat(4)),
        anArrival,
        (arrivals, chances, fields) => {
          const queue = aQueue();
          const entries = arrivals.map((more, arrival) => anEntry({ arrival, ...more }));
          for (const entry of entries) queue.add(entry);
          for (const entry of entries) if (chances.next().value === 0) queue.remove(entry);
          const asked = anEntry({ arrival: 1000, ...fields });
          const ahead = entries.filter((entry) => entry.stay === "waiting" && goesBefore(entry, asked));
          expect(queue.ahead(asked)?.itemsAhead ?? 0).toBeLessThanOrEqual(ahead.length + 1e-9);
        },
      ),
    );
  });

  test("counts all of those that came in order", () => {
    const queue = aQueue();
    for (let arrival = 0; arrival < 500; arrival++) queue.add(anEntry({ arrival, deadlineMs: arrival }));
    expect(queue.ahead(anEntry({ arrival: 1000, deadlineMs: 250 }))).toMatchObject({ itemsAhead: 251 });
  });
});
