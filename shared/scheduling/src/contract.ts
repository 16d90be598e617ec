import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BatchLimits, QueueEntry, RequestQueue } from "./request-queue.ts";

/** Builds a waiting entry; `key` and `arrival` follow from `arrival` unless given. */
export function anEntry(
  fields: Partial<QueueEntry<string>> & { readonly arrival: number },
): QueueEntry<string> {
  const key = fields.key ?? `r${fields.arrival}`;
  return {
    key,
    tenant: "acme",
    model: "m",
    items: 1,
    bytes: 1,
    deadlineMs: Infinity,
    maxBatchItems: Infinity,
    request: key,
    ...fields,
  };
}

/** Builds the limits of a credit for model `m` without bounds. */
export function someLimits(fields: Partial<BatchLimits> & { readonly most?: number } = {}): BatchLimits {
  return {
    models: fields.models ?? ["m"],
    maxItems: fields.maxItems ?? (() => fields.most ?? Infinity),
    maxBytes: fields.maxBytes ?? Infinity,
  };
}

export function keysOf(entries: Iterable<QueueEntry<string>>): string[] {
  return [...entries].map((entry) => entry.key);
}

/** What every queue of a pool promises, whatever its idea of order between tenants. */
export function describeRequestQueue(name: string, create: () => RequestQueue<string>): void {
  describe(`${name} as a RequestQueue`, () => {
    test("is empty at first", () => {
      const queue = create();
      expect(queue.size).toBe(0);
      expect(queue.take(someLimits(), 0)).toEqual([]);
      expect(queue.nextDeadlineMs()).toBe(Infinity);
      expect(queue.depth("m")).toBe(0);
      expect(keysOf(queue.entries())).toEqual([]);
    });

    test("takes a lane in the order of arrival", () => {
      const queue = create();
      for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r1", "r2", "r3"]);
      expect(queue.size).toBe(0);
    });

    test("gives a returned entry its old place", () => {
      const queue = create();
      for (const arrival of [1, 2, 3]) queue.add(anEntry({ arrival }));
      const taken = queue.take(someLimits({ most: 2 }), 0);
      for (const entry of taken.toReversed()) queue.add(entry);
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

    test("passes over a lane whose head is larger than the credit", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1, model: "a", items: 9 }));
      queue.add(anEntry({ arrival: 2, model: "b" }));
      expect(keysOf(queue.take(someLimits({ models: ["a", "b"], most: 8 }), 0))).toEqual(["r2"]);
      expect(queue.take(someLimits({ models: ["a", "b"], most: 8 }), 0)).toEqual([]);
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
      queue.add(anEntry({ arrival: 1, deadlineMs: 30 }));
      queue.add(anEntry({ arrival: 2, deadlineMs: 10 }));
      queue.add(anEntry({ arrival: 3 }));
      expect(queue.nextDeadlineMs()).toBe(10);
      expect(keysOf(queue.expire(9))).toEqual([]);
      expect(keysOf(queue.expire(29))).toEqual(["r2"]);
      expect(queue.nextDeadlineMs()).toBe(30);
      queue.remove("r1");
      expect(queue.nextDeadlineMs()).toBe(Infinity);
    });

    test("removes one by its key, once", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1 }));
      queue.add(anEntry({ arrival: 2 }));
      expect(queue.has("r1")).toBe(true);
      expect(queue.remove("r1")?.key).toBe("r1");
      expect(queue.has("r1")).toBe(false);
      expect(queue.remove("r1")).toBeUndefined();
      expect(keysOf(queue.take(someLimits(), 0))).toEqual(["r2"]);
    });

    test("refuses a key that is waiting already", () => {
      const queue = create();
      queue.add(anEntry({ arrival: 1 }));
      expect(() => queue.add(anEntry({ arrival: 2, key: "r1" }))).toThrow("r1");
    });

    test("loses nothing, gives nothing twice, keeps order and limits under any sequence of calls", () => {
      fc.assert(fc.property(fc.array(aStep, { maxLength: 200 }), (steps) => replay(create(), steps)));
    });
  });
}

type Step =
  | {
      readonly kind: "add";
      readonly model: string;
      readonly items: number;
      readonly bytes: number;
      readonly inMs: number;
    }
  | {
      readonly kind: "take";
      readonly models: readonly string[];
      readonly most: number;
      readonly maxBytes: number;
    }
  | { readonly kind: "return"; readonly maxBatchItems: number }
  | { readonly kind: "remove"; readonly pick: number }
  | { readonly kind: "wait"; readonly forMs: number };

const aModel = fc.constantFrom("a", "b", "c");

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      model: aModel,
      items: fc.integer({ min: 1, max: 8 }),
      bytes: fc.integer({ min: 0, max: 8 }),
      inMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      models: fc.uniqueArray(aModel),
      most: fc.integer({ min: 1, max: 16 }),
      maxBytes: fc.integer({ min: 8, max: 32 }),
    }),
  },
  fc.record({ kind: fc.constant("return" as const), maxBatchItems: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant("remove" as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant("wait" as const), forMs: fc.integer({ min: 1, max: 5 }) }),
);

/** Runs the steps against the queue and a plain list of what must be waiting. */
function replay(queue: RequestQueue<string>, steps: readonly Step[]): void {
  const waiting = new Map<string, QueueEntry<string>>();
  const lastTaken: QueueEntry<string>[] = [];
  let nowMs = 0;
  let arrival = 0;
  const add = (entry: QueueEntry<string>): void => {
    queue.add(entry);
    waiting.set(entry.key, entry);
  };
  for (const step of steps) {
    switch (step.kind) {
      case "add":
        arrival += 1;
        add(
          anEntry({
            arrival,
            model: step.model,
            items: step.items,
            bytes: step.bytes,
            deadlineMs: nowMs + step.inMs,
          }),
        );
        break;
      case "take": {
        const taken = queue.take(
          someLimits({ models: step.models, most: step.most, maxBytes: step.maxBytes }),
          nowMs,
        );
        checkBatch(taken, step, { waiting, nowMs });
        for (const entry of taken) waiting.delete(entry.key);
        lastTaken.splice(0, Infinity, ...taken);
        break;
      }
      case "return":
        for (const entry of lastTaken.splice(0)) add({ ...entry, maxBatchItems: step.maxBatchItems });
        break;
      case "remove": {
        const keys = [...waiting.keys()];
        const key = keys[step.pick % keys.length] ?? "absent";
        expect(queue.remove(key)).toEqual(waiting.get(key));
        waiting.delete(key);
        break;
      }
      case "wait": {
        nowMs += step.forMs;
        const due = [...waiting.values()].filter((entry) => entry.deadlineMs <= nowMs);
        expect(keysOf(queue.expire(nowMs)).sort()).toEqual(keysOf(due).sort());
        for (const entry of due) waiting.delete(entry.key);
        break;
      }
    }
    checkState(queue, [...waiting.values()]);
  }
}

function checkState(queue: RequestQueue<string>, waiting: readonly QueueEntry<string>[]): void {
  expect(queue.size).toBe(waiting.length);
  expect(queue.nextDeadlineMs()).toBe(Math.min(Infinity, ...waiting.map((entry) => entry.deadlineMs)));
  expect(keysOf(queue.entries()).sort()).toEqual(keysOf(waiting).sort());
  for (const model of ["a", "b", "c"]) {
    expect(queue.depth(model)).toBe(waiting.filter((entry) => entry.model === model).length);
  }
}

/** A batch is a run of one model's waiting entries from the oldest on, in order and within every limit. */
function checkBatch(
  taken: readonly QueueEntry<string>[],
  limits: { readonly models: readonly string[]; readonly most: number; readonly maxBytes: number },
  state: { readonly waiting: ReadonlyMap<string, QueueEntry<string>>; readonly nowMs: number },
): void {
  const [first] = taken;
  const runnable = [...state.waiting.values()].filter(
    (entry) => limits.models.includes(entry.model) && entry.deadlineMs > state.nowMs,
  );
  if (first === undefined) {
    for (const model of limits.models) {
      const head = runnable.filter((entry) => entry.model === model).sort((a, b) => a.arrival - b.arrival)[0];
      expect(head === undefined || head.items > limits.most || head.bytes > limits.maxBytes).toBe(true);
    }
    return;
  }
  const lane = runnable.filter((entry) => entry.model === first.model).sort((a, b) => a.arrival - b.arrival);
  expect(keysOf(taken)).toEqual(keysOf(lane).slice(0, taken.length));
  const items = taken.reduce((sum, entry) => sum + entry.items, 0);
  const ownLimit = Math.min(...taken.map((entry) => entry.maxBatchItems));
  expect(items).toBeLessThanOrEqual(limits.most);
  if (taken.length > 1) expect(items).toBeLessThanOrEqual(ownLimit);
  expect(taken.reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThanOrEqual(limits.maxBytes);
}
