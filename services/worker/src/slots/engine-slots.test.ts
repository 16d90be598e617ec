import type { Engine } from "@sluice/engine";
import { createSyntheticEngine } from "@sluice/engine";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { EngineSlots } from "./engine-slots.ts";
import { createEngineSlots } from "./engine-slots.ts";

const never = new AbortController().signal;

function anEngine(): Engine {
  return createSyntheticEngine({ clock: createFakeClock() });
}

interface Slots {
  readonly slots: EngineSlots;
  readonly retired: string[];
}

/** Slots with one engine of each model. */
function createSlots(slotCount: number, models: readonly string[]): Slots {
  const retired: string[] = [];
  const slots = createEngineSlots({
    slotCount,
    onChange: () => undefined,
    onRetired: (model) => retired.push(model),
  });
  for (const model of models) slots.add(model, anEngine());
  return { slots, retired };
}

/** Says which of the promises are settled after everything ready has run. */
async function settledOf(promises: readonly Promise<unknown>[]): Promise<boolean[]> {
  const settled = promises.map(() => false);
  for (const [index, promise] of promises.entries()) {
    promise.then(
      () => (settled[index] = true),
      () => (settled[index] = true),
    );
  }
  await createFakeClock().settle();
  return settled;
}

describe("createEngineSlots()", () => {
  test("tells when the next engine of a model will probably be free", async () => {
    const { slots } = createSlots(3, ["a", "a", "b"]);
    const leases = await Promise.all([slots.acquire("a", never), slots.acquire("a", never)]);
    expect(slots.freeMs("a")).toBe(Infinity);
    for (const [index, lease] of leases.entries()) lease.expectEnd(20 - index);
    expect(slots.freeMs("a")).toBe(19);
    expect(slots.freeMs("b")).toBe(Infinity);
  });

  test("leases an engine to one at a time, first come, first served", async () => {
    const { slots } = createSlots(2, ["a"]);
    const first = await slots.acquire("a", never);
    const others = [slots.acquire("a", never), slots.acquire("a", never)];
    expect(await settledOf(others)).toEqual([false, false]);
    first[Symbol.dispose]();
    expect(await settledOf(others)).toEqual([true, false]);
  });

  test("leases no more engines than there are slots", async () => {
    const { slots } = createSlots(1, ["a", "b"]);
    const first = await slots.acquire("a", never);
    const second = slots.acquire("b", never);
    expect(await settledOf([second])).toEqual([false]);
    first[Symbol.dispose]();
    expect(await settledOf([second])).toEqual([true]);
  });

  test("lets who can run pass who waits for a busy engine", async () => {
    const { slots } = createSlots(2, ["a", "b"]);
    await slots.acquire("a", never);
    const waits = [slots.acquire("a", never), slots.acquire("b", never)];
    expect(await settledOf(waits)).toEqual([false, true]);
  });

  test("lets who waits leave with the reason of the signal", async () => {
    const { slots } = createSlots(1, ["a"]);
    await slots.acquire("a", never);
    const leaving = new AbortController();
    const waiting = slots.acquire("a", leaving.signal);
    leaving.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(slots.forecast(0, 0).slotCount).toBe(0);
  });

  test("sends away who waits for a model that loses its last engine", async () => {
    const { slots, retired } = createSlots(1, ["a"]);
    const lease = await slots.acquire("a", never);
    const waiting = slots.acquire("a", never);
    lease.retire();
    lease[Symbol.dispose]();
    await expect(waiting).rejects.toMatchObject({ code: "unavailable" });
    await expect(slots.acquire("a", never)).rejects.toMatchObject({ code: "unavailable" });
    expect(retired).toEqual(["a"]);
    slots.add("a", anEngine());
    expect(slots.forecast(0, 0).engineCounts).toEqual(new Map([["a", 1]]));
  });

  const lastRun = { endsMs: 10, ended: Promise.resolve() };

  test("passes an engine on behind the last run of who had it, to who waits or comes", async () => {
    const { slots } = createSlots(1, ["a"]);
    const first = await slots.acquire("a", never);
    const waits = slots.acquire("a", never);
    first.passOn(lastRun);
    const second = await waits;
    expect(second).toMatchObject({ engine: first.engine, before: lastRun, isAwaited: true });
    const later = { endsMs: 20, ended: Promise.resolve() };
    second.passOn(later);
    const third = await slots.acquire("a", never);
    expect(third.before).toBe(later);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    expect(slots.forecast(0, 0).engineCounts).toEqual(new Map());
    third[Symbol.dispose]();
    expect(slots.forecast(0, 0)).toMatchObject({ slotCount: 1, engineCounts: new Map([["a", 1]]) });
  });

  test("passes on nothing that somebody waits longer for", async () => {
    const { slots } = createSlots(1, ["a", "b"]);
    const first = await slots.acquire("a", never);
    const waits = [slots.acquire("b", never), slots.acquire("a", never)];
    first.passOn(lastRun);
    expect(await settledOf([...waits, slots.acquire("a", never)])).toEqual([false, false, false]);
    first[Symbol.dispose]();
    expect(await settledOf(waits)).toEqual([true, false]);
  });

  test("leases a broken engine no more, whoever found it broken after it was passed on", async () => {
    const { slots, retired } = createSlots(1, ["a"]);
    const first = await slots.acquire("a", never);
    first.passOn(lastRun);
    const second = await slots.acquire("a", never);
    first.retire();
    first[Symbol.dispose]();
    expect(second.isRetired).toBe(true);
    second.passOn(lastRun);
    const waits = slots.acquire("a", never);
    second[Symbol.dispose]();
    await expect(waits).rejects.toMatchObject({ code: "unavailable" });
    expect(retired).toEqual(["a"]);
  });

  test("forecasts what is free now", () => {
    const { slots } = createSlots(2, ["a", "b"]);
    expect(slots.forecast(0, 0)).toEqual({
      slotCount: 2,
      engineCounts: new Map([
        ["a", 1],
        ["b", 1],
      ]),
      freeInMs: 0,
      nextEndMs: Infinity,
    });
  });

  test("forecasts an engine as free once its lease ends within the time asked for", async () => {
    const { slots } = createSlots(1, ["a"]);
    const lease = await slots.acquire("a", never);
    expect(slots.forecast(0, 5)).toMatchObject({ slotCount: 0, nextEndMs: Infinity });
    lease.expectEnd(10);
    expect(slots.forecast(0, 5)).toMatchObject({ slotCount: 0, engineCounts: new Map(), nextEndMs: 10 });
    expect(slots.forecast(6, 5)).toEqual({
      slotCount: 1,
      engineCounts: new Map([["a", 1]]),
      freeInMs: 4,
      nextEndMs: Infinity,
    });
  });

  test("forecasts as many batches more for an engine as may be ahead of them", async () => {
    const slots = createEngineSlots({
      slotCount: 2,
      ahead: new Map([["a", 2]]),
      onChange: () => undefined,
      onRetired: () => undefined,
    });
    for (const model of ["a", "b"]) slots.add(model, anEngine());
    const counts = (): unknown => [...slots.forecast(0, 5).engineCounts];
    expect(counts()).toEqual([
      ["a", 3],
      ["b", 1],
    ]);
    using first = await slots.acquire("a", never);
    // Until it is known when it ends nobody waits behind it.
    expect(counts()).toEqual([["b", 1]]);
    first.expectEnd(1);
    expect(counts()).toEqual([
      ["a", 3],
      ["b", 1],
    ]);
    void slots.acquire("a", never).catch(() => undefined);
    expect(counts()).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
  });

  test("forecasts nothing for an engine that somebody waits for", async () => {
    const { slots } = createSlots(2, ["a"]);
    const lease = await slots.acquire("a", never);
    lease.expectEnd(1);
    void slots.acquire("a", never);
    expect(slots.forecast(0, 5)).toMatchObject({ slotCount: 1, engineCounts: new Map() });
  });
});
