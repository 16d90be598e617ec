import * as fc from "fast-check";
import { expect } from "vitest";
import type { RequestQueue } from "../request-queue.ts";
import { anEntry, keysOf, someLimits, type NamedEntry } from "./entries.ts";

/** What a queue keeps in order, and how: a batch takes every lane it touches from its first entry on, passing over none. */
export interface LaneOrder {
  /** Name of the lane an entry stands in, within the entries of its model that run alone, or of those that do not. */
  laneOf(entry: NamedEntry): string;
  /** Negative where `a` goes before `b` of the same lane. */
  compare(a: NamedEntry, b: NamedEntry): number;
}

type Step =
  | {
      readonly kind: "add";
      readonly tenant: string;
      readonly model: string;
      readonly priority: number;
      readonly items: number;
      readonly bytes: number;
      readonly inMs: number;
      readonly runsAlone: boolean;
    }
  | {
      readonly kind: "take";
      readonly models: readonly string[];
      readonly most: number;
      readonly maxBytes: number;
      readonly alone: boolean;
    }
  | { readonly kind: "return"; readonly maxBatchItems: number; readonly runsAlone: boolean }
  | { readonly kind: "remove"; readonly pick: number }
  | { readonly kind: "wait"; readonly forMs: number };

const aModel = fc.constantFrom("a", "b", "c");
const rarely = fc.integer({ min: 0, max: 4 }).map((number) => number === 4);

/** Any step that an owner may take with its queue. */
export const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("add" as const),
      tenant: fc.constantFrom("acme", "beta"),
      model: aModel,
      priority: fc.integer({ min: 0, max: 1 }),
      items: fc.integer({ min: 1, max: 8 }),
      bytes: fc.integer({ min: 0, max: 8 }),
      inMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 20 })),
      runsAlone: rarely,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("take" as const),
      models: fc.uniqueArray(aModel),
      most: fc.integer({ min: 1, max: 16 }),
      maxBytes: fc.integer({ min: 8, max: 32 }),
      alone: rarely,
    }),
  },
  fc.record({
    kind: fc.constant("return" as const),
    maxBatchItems: fc.integer({ min: 1, max: 8 }),
    runsAlone: rarely,
  }),
  fc.record({ kind: fc.constant("remove" as const), pick: fc.nat() }),
  fc.record({ kind: fc.constant("wait" as const), forMs: fc.integer({ min: 1, max: 5 }) }),
);

/** Runs the steps against the queue and a plain list of what must be waiting. */
export function replay(queue: RequestQueue<NamedEntry>, order: LaneOrder, steps: readonly Step[]): void {
  const waiting = new Map<string, NamedEntry>();
  const lastTaken: NamedEntry[] = [];
  let nowMs = 0;
  let arrival = 0;
  const add = (entry: NamedEntry): void => {
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
            tenant: step.tenant,
            model: step.model,
            priority: step.priority,
            items: step.items,
            bytes: step.bytes,
            deadlineMs: nowMs + step.inMs,
            runsAlone: step.runsAlone,
          }),
        );
        break;
      case "take": {
        const { models, most, maxBytes, alone } = step;
        const taken = queue.take(someLimits({ models, most, maxBytes, alone }), nowMs);
        checkBatch(taken, step, { waiting, order, nowMs });
        for (const entry of taken) waiting.delete(entry.key);
        lastTaken.splice(0, Infinity, ...taken);
        break;
      }
      case "return":
        for (const entry of lastTaken.splice(0)) {
          add({ ...entry, maxBatchItems: step.maxBatchItems, runsAlone: step.runsAlone, stay: "new" });
        }
        break;
      case "remove": {
        const picked = [...waiting.values()][step.pick % waiting.size];
        if (picked === undefined) break;
        expect(queue.remove(picked)).toBe(true);
        waiting.delete(picked.key);
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

function checkState(queue: RequestQueue<NamedEntry>, waiting: readonly NamedEntry[]): void {
  expect(queue.size).toBe(waiting.length);
  expect(queue.nextDeadlineMs()).toBe(Math.min(Infinity, ...waiting.map((entry) => entry.deadlineMs)));
  expect(keysOf(queue.entries()).sort()).toEqual(keysOf(waiting).sort());
  for (const model of ["a", "b", "c"]) {
    expect(queue.depth(model)).toBe(waiting.filter((entry) => entry.model === model).length);
  }
}

interface Situation {
  readonly waiting: ReadonlyMap<string, NamedEntry>;
  readonly order: LaneOrder;
  readonly nowMs: number;
}

/** A batch is of one model and one kind, takes lanes from their first entry on, in order, and is within every limit. */
function checkBatch(
  taken: readonly NamedEntry[],
  limits: Extract<Step, { readonly kind: "take" }>,
  situation: Situation,
): void {
  const lanes = runnableLanes(limits, situation);
  const [first] = taken;
  if (first === undefined) {
    for (const [head] of lanes.values()) {
      expect(head === undefined || head.bytes > limits.maxBytes).toBe(true);
    }
    return;
  }
  for (const entry of taken) {
    expect(entry.model).toBe(first.model);
    expect(lanes.get(laneName(entry, situation.order))?.shift()).toBe(entry);
  }
  const items = taken.reduce((sum, entry) => sum + entry.items, 0);
  const ownLimit = Math.min(...taken.map((entry) => entry.maxBatchItems));
  if (limits.alone) expect(taken).toHaveLength(1);
  if (taken.length > 1) expect(items).toBeLessThanOrEqual(Math.min(limits.most, ownLimit));
  expect(taken.reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThanOrEqual(limits.maxBytes);
}

/** What a credit could run, lane by lane, each in its order. */
function runnableLanes(
  limits: Extract<Step, { readonly kind: "take" }>,
  { waiting, order, nowMs }: Situation,
): Map<string, NamedEntry[]> {
  const lanes = new Map<string, NamedEntry[]>();
  for (const entry of [...waiting.values()].sort(order.compare)) {
    if (!limits.models.includes(entry.model) || entry.deadlineMs <= nowMs) continue;
    if (entry.runsAlone !== limits.alone) continue;
    const name = laneName(entry, order);
    lanes.set(name, [...(lanes.get(name) ?? []), entry]);
  }
  return lanes;
}

function laneName(entry: NamedEntry, order: LaneOrder): string {
  return `${entry.model} ${order.laneOf(entry)}`;
}
