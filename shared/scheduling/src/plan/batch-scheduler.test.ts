import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, keysOf, someLimits, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createTestPolicies } from "../fair/pool.fixture.ts";
import type { LatencyCurve } from "../latency/latency-curve.ts";
import type { LatencyProfile } from "../latency/latency-profile.ts";
import type { BatchLimits } from "../request-queue.ts";
import { createBatchScheduler, type BatchAsk } from "./batch-scheduler.ts";

function aProfile(curve: Partial<LatencyCurve> = {}, margin = 1): LatencyProfile {
  return { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0, ...curve }, margin, drift: 1 };
}

/** A queue and its scheduler, with one profile for all workers unless told otherwise. */
function aScene(options: { readonly profile?: LatencyProfile | undefined; readonly most?: number } = {}) {
  const { profile = aProfile(), most = 32 } = options;
  const queue = createFairQueue<NamedEntry>({ policies: createTestPolicies() });
  const scheduler = createBatchScheduler({ queue });
  let arrival = 0;
  return {
    queue,
    scheduler,
    add: (count: number, fields: Partial<NamedEntry> = {}, nowMs = 0): NamedEntry[] =>
      Array.from({ length: count }, () => {
        const entry = anEntry({ ...fields, arrival: (arrival += 1) });
        queue.add(entry);
        scheduler.arrived(entry, nowMs);
        return entry;
      }),
    next: (fields: Partial<BatchAsk> = {}, nowMs = 0) =>
      scheduler.next(
        {
          worker: "w1",
          limits: someLimits({ most }),
          freeAtMs: nowMs,
          overheadMs: 0,
          profile: () => profile,
          fastest: () => profile,
          maxTokens: () => Infinity,
          ...fields,
        },
        nowMs,
      ),
  };
}

describe("createBatchScheduler()", () => {
  test("fills a batch in fair order where nobody is in a hurry", () => {
    const { add, next, queue } = aScene();
    add(3, { tenant: "a" });
    add(2, { tenant: "b" });
    const batch = next();
    expect(keysOf(batch.entries)).toEqual(["r1", "r4", "r2", "r5", "r3"]);
    expect(batch).toMatchObject({ reason: "noMore", predictedMs: 10, late: [], givenUp: [] });
    expect(queue.size).toBe(0);
  });

  test("makes one batch smaller where two slots would be free together while more waits", () => {
    const { add, next } = aScene({ most: 8 });
    add(40);
    const runs = (nowMs: number): number => next({}, nowMs).entries.length;
    // 13 ms and, from the same moment on, 10 ms; from then on full ones end 3 ms apart.
    expect([runs(0), runs(0), runs(10), runs(13)]).toEqual([8, 5, 8, 8]);
  });

  test("makes no batch smaller for that where it holds all that waits", () => {
    const { add, next } = aScene({ most: 8 });
    add(16);
    expect([next().entries.length, next().entries.length]).toEqual([8, 8]);
  });

  test("fills batches to their limits where nothing is known of the model", () => {
    const { add, next } = aScene();
    add(9, { deadlineMs: 3 });
    const unknown = { limits: someLimits({ most: 8 }), profile: () => undefined };
    expect(next(unknown)).toMatchObject({ entries: { length: 8 }, reason: "full", predictedMs: 0 });
    expect(next(unknown)).toMatchObject({ entries: { length: 1 }, reason: "noMore" });
  });

  test("says that a batch is full, or capped, without looking further", () => {
    const { add, next } = aScene({ most: 4 });
    add(6, { bytes: 10 });
    expect(next({ limits: someLimits({ most: 4, maxBytes: 25 }) })).toMatchObject({
      entries: { length: 2 },
      reason: "cap",
    });
    expect(next()).toMatchObject({ entries: { length: 4 }, reason: "full" });
  });

  test("gives a model that gains nothing from batching small batches, and one that does large ones", () => {
    const sizes = [
      aProfile({ fixedMs: 0.1, perElementMs: 40 }),
      aProfile({ fixedMs: 0.1, perElementMs: 0.001 }),
    ].map((profile) => {
      const { add, next } = aScene({ profile, most: 64 });
      add(100);
      return next().entries.length;
    });
    expect(sizes).toEqual([1, 63]);
  });

  test("runs no request that cannot be in time, and gives it up at once", () => {
    const { add, next, queue } = aScene();
    add(2, { deadlineMs: 105 });
    add(2, { deadlineMs: 120 });
    const { entries, late } = next({}, 100);
    expect(keysOf(late)).toEqual(["r1", "r2"]);
    expect(keysOf(entries)).toEqual(["r3", "r4"]);
    expect(queue.size).toBe(0);
  });

  test("reckons with when the worker will be free, the margin, and what passes until the callers have their answers", () => {
    const reach = (fields: Partial<BatchAsk>, margin = 1): number => {
      const { add, next } = aScene({ profile: aProfile({}, margin) });
      add(20, { deadlineMs: 15 });
      return next(fields).entries.length;
    };
    expect(reach({})).toBe(10);
    expect(reach({ freeAtMs: 2 })).toBe(8);
    expect(reach({ overheadMs: 3 })).toBe(7);
    expect(reach({}, 1.5)).toBe(5);
  });

  test("groups by length where lengths differ, and leaves the others where they were", () => {
    const { add, next, queue } = aScene();
    const [first] = add(1, { length: 2 });
    const longs = add(3, { length: 60 });
    add(3, { length: 2 });
    const { entries, reason } = next();
    expect(keysOf(entries)).toEqual(["r1", "r5", "r6", "r7"]);
    expect(entries[0]).toBe(first);
    expect(reason).toBe("length");
    expect([...queue.entries()]).toEqual(longs);
    expect(next()).toMatchObject({ entries: { length: 3 }, reason: "noMore" });
  });

  test("passes over nothing where answers leave in the order of arrival", () => {
    const { add, next } = aScene();
    add(2, { length: 2, order: 1 });
    add(1, { length: 60, order: 2 });
    add(1, { length: 2, order: 3 });
    expect(next()).toMatchObject({ entries: { length: 2 }, reason: "length" });
    expect(keysOf(next().entries)).toEqual(["r3"]);
  });

  test.each([
    { whose: "several tenants", tenant: "b", count: 20, isSeen: false },
    { whose: "several tenants", tenant: "b", count: 5, isSeen: true },
    { whose: "one tenant", tenant: "a", count: 40, isSeen: true },
    { whose: "one tenant", tenant: "a", count: 70, isSeen: false },
  ])("looks for a length among $count requests of $whose: $isSeen", ({ tenant, count, isSeen }) => {
    const { add, next } = aScene({ profile: aProfile({ fixedMs: 0, perElementMs: 1 }) });
    add(1, { length: 2, tenant: "a" });
    add(count, { length: 60, tenant });
    add(1, { length: 2, tenant });
    expect(keysOf(next().entries)).toEqual(isSeen ? ["r1", `r${count + 2}`] : ["r1"]);
  });

  test("gives the most urgent up where they would make every batch small", () => {
    const { add, next, queue } = aScene();
    add(2, { deadlineMs: 106 }, 56);
    add(60, { deadlineMs: 150 }, 100);
    const { entries, givenUp } = next({}, 100);
    expect(keysOf(givenUp)).toEqual(["r1", "r2"]);
    expect(entries).toHaveLength(20);
    expect(queue.size).toBe(40);
  });

  test("gives nobody up for a crowd that came before", () => {
    const { add, next } = aScene();
    add(60, { deadlineMs: 150, tenant: "crowd" }, 100);
    add(1, { deadlineMs: 108, tenant: "quiet" }, 100);
    const { entries, givenUp } = next({}, 100);
    expect(givenUp).toEqual([]);
    expect(keysOf(entries)).toEqual(["r1", "r61", "r2"]);
  });

  test("leaves what is late here to a faster worker, and looks past it", () => {
    const { add, next, queue } = aScene();
    const slow = { profile: () => aProfile({ fixedMs: 50 }) };
    add(2, { deadlineMs: 20 });
    add(1, { deadlineMs: 200 });
    expect(keysOf(next(slow).entries)).toEqual(["r3"]);
    expect(queue.size).toBe(2);
    expect(next(slow)).toMatchObject({ entries: [], late: [], givenUp: [] });
    expect(keysOf(next().entries)).toEqual(["r1", "r2"]);
  });

  test("gives a slow worker another model where it is too slow for one", () => {
    const { add, next } = aScene();
    add(1, { deadlineMs: 20, model: "m" });
    add(1, { deadlineMs: 20, model: "n" });
    const limits: BatchLimits = someLimits({ models: ["m", "n"] });
    const profile = (model: string): LatencyProfile => aProfile({ fixedMs: model === "m" ? 50 : 5 });
    expect(keysOf(next({ limits, profile }).entries)).toEqual(["r2"]);
  });

  test("runs one request as a probe where everything is refused for a while, and more often after fast ones", () => {
    const { add, next, scheduler } = aScene({ profile: aProfile({ fixedMs: 60 }) });
    const probedAtMs: number[] = [];
    for (let nowMs = 0; nowMs < 700; nowMs += 25) {
      add(2, { deadlineMs: nowMs + 50 }, nowMs);
      const batch = next({}, nowMs);
      if (batch.entries.length === 0) continue;
      expect(batch).toMatchObject({ reason: "probe", entries: { length: 1 }, predictedMs: 61 });
      probedAtMs.push(nowMs);
      scheduler.ended({ worker: "w1", model: "m", tookMs: 5, ...batch });
    }
    expect(probedAtMs).toEqual([250, 375, 450, 500, 525, 550, 575, 600, 625, 650, 675]);
  });

  test("runs a probe on a worker that believes itself slow, although faster ones could be in time", () => {
    const { add, next } = aScene();
    const slow = { worker: "slow", profile: () => aProfile({ fixedMs: 60 }) };
    const probedAtMs: number[] = [];
    for (let nowMs = 0; nowMs <= 500; nowMs += 25) {
      add(1, { deadlineMs: nowMs + 50 }, nowMs);
      if (next(slow, nowMs).reason === "probe") probedAtMs.push(nowMs);
      next({}, nowMs);
    }
    expect(probedAtMs).toEqual([250, 500]);
  });

  test("takes one alone where that is asked for", () => {
    const { add, next } = aScene();
    add(2, { runsAlone: true });
    expect(keysOf(next().entries)).toEqual([]);
    expect(next({ limits: someLimits({ alone: true }) })).toMatchObject({
      entries: { length: 1 },
      reason: "full",
    });
  });

  test("runs a request of more items than a batch by itself", () => {
    const { add, next } = aScene({ most: 8 });
    add(1, { items: 20 });
    add(1);
    expect(keysOf(next().entries)).toEqual(["r1"]);
    expect(keysOf(next().entries)).toEqual(["r2"]);
  });

  test("loses nothing, gives nothing twice, keeps no worker idle that a request waits for, and all in time", () => {
    const aRequest = fc.record({
      tenant: fc.constantFrom("a", "b", "c"),
      model: fc.constantFrom("m", "n"),
      items: fc.integer({ min: 1, max: 3 }),
      length: fc.oneof(fc.constant(4), fc.integer({ min: 1, max: 30 })),
      priority: fc.integer({ min: 0, max: 1 }),
      allowedMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 120 })),
    });
    const aRound = fc.record({
      requests: fc.array(aRequest, { maxLength: 30 }),
      forMs: fc.integer({ min: 0, max: 40 }),
      freeInMs: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(aRound, { minLength: 5, maxLength: 30, size: "max" }), (rounds) => {
        const { add, next, queue } = aScene();
        const waiting = new Set<NamedEntry>();
        let nowMs = 0;
        for (const { requests, forMs, freeInMs } of rounds) {
          nowMs += forMs;
          for (const { allowedMs, ...fields } of requests) {
            for (const entry of add(1, { ...fields, deadlineMs: nowMs + allowedMs }, nowMs))
              waiting.add(entry);
          }
          for (const entry of queue.expire(nowMs)) expect(waiting.delete(entry)).toBe(true);
          const limits = someLimits({ models: ["m", "n"], most: 16 });
          const batch = next({ limits, freeAtMs: nowMs + freeInMs, overheadMs: 1 }, nowMs);
          for (const entry of [...batch.entries, ...batch.late, ...batch.givenUp])
            expect(waiting.delete(entry)).toBe(true);
          expect([...queue.entries()].length).toBe(waiting.size);
          for (const entry of waiting) expect(entry.stay).toBe("waiting");
          if (batch.entries.length === 0) {
            expect(waiting.size).toBe(0);
            continue;
          }
          const items = batch.entries.reduce((sum, entry) => sum + entry.items, 0);
          expect(items).toBeLessThanOrEqual(16);
          expect(new Set(batch.entries.map(({ model }) => model)).size).toBe(1);
          if (batch.reason === "probe") continue;
          // The margin is 1, and runs of other lengths may follow the first.
          const endMs = nowMs + freeInMs + batch.predictedMs + 1;
          for (const { deadlineMs } of batch.entries) expect(endMs).toBeLessThanOrEqual(deadlineMs);
        }
      }),
    );
  });
});
