import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "./contract/entries.ts";
import { aStep, replay, type LaneOrder } from "./contract/replay.ts";
import type { RequestQueue } from "./request-queue.ts";

/** What every queue of a pool promises, whatever its idea of order. `order` says which entries it keeps in order, and how. */
export function describeRequestQueue(
  name: string,
  create: () => RequestQueue<NamedEntry>,
  order: LaneOrder,
): void {
  describe(`${name} as a RequestQueue`, () => {
    test("is empty at first", () => {
      const queue = create();
      expect(queue.size).toBe(0);
      expect(queue.take(someLimits(), 0)).toEqual([]);
      expect(queue.nextDeadlineMs()).toBe(Infinity);
      expect(queue.depth("m")).toBe(0);
      expect(keysOf(queue.entries())).toEqual([]);
    });

    test("takes equal requests of one tenant in the order of arrival", () => {
      const queue = create();
      for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1", "r2", "r3"]);
      expect(queue.size).toBe(0);
    });

    test("gives a returned entry its old place", () => {
      const queue = create();
      for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
      const taken = queue.take(someLimits({ most: 2 }), 0);
      for (const entry of taken.toReversed()) queue.add({ ...entry, stay: "new" });
      expect(keysOf(queue.entries())).toEqual(["r1", "r2", "r3"]);
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1", "r2", "r3"]);
    });

    test("makes batches of one model only, and of the models asked for", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, model: "a" }));
      queue.add(anEntry({ arrival: 2, model: "b" }));
      queue.add(anEntry({ arrival: 3, model: "b" }));
      expect(keysOf(queue.take(someLimits({ models: ["b", "c"] }), 0))).toEqual(["r2", "r3"]);
      expect(queue.depth("a")).toBe(1);
      expect(queue.depth("b")).toBe(0);
    });

    test("stops a batch at the first entry that does not fit, so that nobody is overtaken", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, items: 3 }));
      queue.add(anEntry({ arrival: 2, items: 6 }));
      queue.add(anEntry({ arrival: 3, items: 1 }));
      expect(keysOf(queue.take(someLimits({ most: 8 }), 0))).toEqual(["r1"]);
      expect(keysOf(queue.take(someLimits({ most: 8 }), 0))).toEqual(["r2", "r3"]);
    });

    test("keeps a batch within maxBytes", () => {
      const queue = create();
      for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival, bytes: 40 }));
      expect(keysOf(queue.take(someLimits({ maxBytes: 100 }), 0))).toEqual(["r1", "r2"]);
    });

    test("keeps a batch within the smallest maxBatchItems of its entries", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1 }));
      queue.add(anEntry({ arrival: 2, maxBatchItems: 2 }));
      queue.add(anEntry({ arrival: 3 }));
      queue.add(anEntry({ arrival: 4, maxBatchItems: 1 }));
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1", "r2"]);
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r3"]);
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r4"]);
    });

    test("runs an entry larger than its own maxBatchItems alone", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, items: 4, maxBatchItems: 2 }));
      queue.add(anEntry({ arrival: 2 }));
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1"]);
    });

    test("takes an entry that runs alone only where the limits ask for such, and then nothing else", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, runsAlone: true }));
      queue.add(anEntry({ arrival: 2 }));
      queue.add(anEntry({ arrival: 3, runsAlone: true }));
      queue.add(anEntry({ arrival: 4 }));
      expect(queue.depth("m")).toBe(4);
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2", "r4"]);
      expect(queue.take(someLimits(), 0)).toEqual([]);
      expect(keysOf(queue.entries())).toEqual(["r1", "r3"]);
      expect(keysOf(queue.take(someLimits({ alone: true }), 0))).toEqual(["r1"]);
      expect(keysOf(queue.take(someLimits({ alone: true }), 0))).toEqual(["r3"]);
      expect(queue.take(someLimits({ alone: true }), 0)).toEqual([]);
    });

    test("takes nothing where an entry that runs alone is asked for and none waits", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1 }));
      expect(queue.take(someLimits({ alone: true }), 0)).toEqual([]);
      expect(queue.size).toBe(1);
    });

    test("expires and removes entries that run alone as all others", () => {
      const queue = create();
      const [late, removed] = [
        anEntry({ arrival: 1, deadlineMs: 10, runsAlone: true }),
        anEntry({ arrival: 2, runsAlone: true }),
      ];
      queue.add(late);
      queue.add(removed);
      expect(queue.nextDeadlineMs()).toBe(10);
      expect(queue.remove(removed)).toBe(true);
      expect(queue.take(someLimits({ alone: true }), 10)).toEqual([]);
      expect(keysOf(queue.expire(10))).toEqual(["r1"]);
      expect(queue.size).toBe(0);
      expect(queue.depth("m")).toBe(0);
    });

    test("gives an entry of more items than a credit takes as a batch by itself", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, items: 9 }));
      queue.add(anEntry({ arrival: 2 }));
      expect(keysOf(queue.take(someLimits({ most: 8 }), 0))).toEqual(["r1"]);
      expect(keysOf(queue.take(someLimits({ most: 8 }), 0))).toEqual(["r2"]);
    });

    test("passes over a lane whose head has more bytes than the credit takes", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, model: "a", bytes: 9 }));
      queue.add(anEntry({ arrival: 2, model: "b" }));
      expect(keysOf(queue.take(someLimits({ models: ["a", "b"], maxBytes: 8 }), 0))).toEqual(["r2"]);
      expect(queue.take(someLimits({ models: ["a", "b"], maxBytes: 8 }), 0)).toEqual([]);
    });

    test("never takes an entry at or past its deadline, and still expires it", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, deadlineMs: 10 }));
      queue.add(anEntry({ arrival: 2, deadlineMs: 11 }));
      expect(keysOf(queue.take(someLimits(), 10))).toEqual(["r2"]);
      expect(queue.size).toBe(1);
      expect(keysOf(queue.entries())).toEqual(["r1"]);
      expect(keysOf(queue.expire(10))).toEqual(["r1"]);
      expect(queue.size).toBe(0);
    });

    test("expires what is due and knows the next deadline", () => {
      const queue = create();
      const first = anEntry({ arrival: 1, deadlineMs: 30 });
      queue.add(first);
      queue.add(anEntry({ arrival: 2, deadlineMs: 10 }));
      queue.add(anEntry({ arrival: 3 }));
      expect(queue.nextDeadlineMs()).toBe(10);
      expect(keysOf(queue.expire(9))).toEqual([]);
      expect(keysOf(queue.expire(29))).toEqual(["r2"]);
      expect(queue.nextDeadlineMs()).toBe(30);
      queue.remove(first);
      expect(queue.nextDeadlineMs()).toBe(Infinity);
    });

    test("removes one, once", () => {
      const queue = create();
      const entry = anEntry({ arrival: 1 });
      expect(queue.remove(entry)).toBe(false);
      queue.add(entry);
      queue.add(anEntry({ arrival: 2 }));
      expect(queue.remove(entry)).toBe(true);
      expect(queue.remove(entry)).toBe(false);
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2"]);
    });

    test("says of every entry where it is in its stay", () => {
      const queue = create();
      const [taken, removed, late, waiting] = [1, 2, 3, 4].map((arrival) =>
        anEntry({ arrival, deadlineMs: arrival === 3 ? 10 : Infinity, items: arrival === 4 ? 9 : 1 }),
      );
      const all = [taken, removed, late, waiting].filter((entry) => entry !== undefined);
      for (const entry of all) queue.add(entry);
      expect(all.map((entry) => entry.stay)).toEqual(["waiting", "waiting", "waiting", "waiting"]);
      queue.expire(10);
      if (removed !== undefined) queue.remove(removed);
      queue.take(someLimits({ most: 2 }), 10);
      expect(all.map((entry) => entry.stay)).toEqual(["gone", "gone", "gone", "waiting"]);
    });

    test("takes an entry in once", () => {
      const queue = create();
      const entry = anEntry({ arrival: 1 });
      queue.add(entry);
      expect(() => queue.add(entry)).toThrow("once");
      queue.take(someLimits(), 0);
      expect(() => queue.add(entry)).toThrow("once");
      expect(queue.size).toBe(0);
    });

    test("loses nothing, gives nothing twice, keeps order and limits under any sequence of calls", () => {
      fc.assert(
        fc.property(fc.array(aStep, { maxLength: 200, size: "max" }), (steps) =>
          replay(create(), order, steps),
        ),
      );
    });
  });
}
