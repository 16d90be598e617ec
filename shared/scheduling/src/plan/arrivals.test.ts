import { describe, expect, test } from "vitest";
import { createArrivals } from "./arrivals.ts";

/** Requests at intervals, again and again, with a timeout. */
function arrivalsAt(intervalsMs: readonly number[], count: number, timeoutMs = 50) {
  const arrivals = createArrivals();
  let nowMs = 1000;
  for (let index = 0; index < count; index++) {
    arrivals.note(nowMs, timeoutMs);
    nowMs += intervalsMs[index % intervalsMs.length] ?? 0;
  }
  return arrivals;
}

describe("createArrivals()", () => {
  test("expects what came of late to go on", () => {
    const expected = arrivalsAt([1, 3], 500).expected(2000);
    expect(expected).toMatchObject({ nowMs: 2000, timeoutMs: 50 });
    expect(expected?.gapMs).toBeCloseTo(2, 1);
  });

  test("expects no day's patience of all where one of fifty has it", () => {
    const arrivals = createArrivals();
    const dayMs = 24 * 60 * 60 * 1000;
    for (let index = 0; index < 500; index++) arrivals.note(1000 + index, index % 50 === 7 ? dayMs : 50);
    expect(arrivals.expected(2000)?.timeoutMs).toBeCloseTo(51, 0);
  });

  test("expects nothing while it has seen too few", () => {
    expect(arrivalsAt([2], 49).expected(2000)).toBeUndefined();
    expect(arrivalsAt([2], 50).expected(2000)?.gapMs).toBeCloseTo(2, 9);
  });

  test("expects nothing where requests come in bursts", () => {
    const calm = [...Array.from({ length: 2 }, () => 0), 6];
    const burst = [...Array.from({ length: 19 }, () => 0), 40];
    expect(arrivalsAt(calm, 600).expected(2000)).toBeDefined();
    expect(arrivalsAt(burst, 600).expected(2000)).toBeUndefined();
  });

  test("expects nothing where callers set no deadline", () => {
    expect(arrivalsAt([2], 500, Infinity).expected(2000)).toBeUndefined();
  });

  test("expects nothing where all came at once", () => {
    expect(arrivalsAt([0], 500).expected(2000)).toBeUndefined();
  });
});
