import { describe, expect, test } from "vitest";
import { largestDifferenceMs, receivedMs, shareOf, type EngineRun } from "./engine-log.ts";

function aRun(startMs: number, costs: Readonly<Record<string, number>>): EngineRun {
  const parts = Object.entries(costs).map(([tenant, costMs]) => ({ tenant, costMs }));
  return { startMs, endMs: startMs + parts.reduce((sum, { costMs }) => sum + costMs, 0), parts };
}

describe("receivedMs()", () => {
  test("adds up what each tenant cost", () => {
    const log = [aRun(0, { a: 10, b: 30 }), aRun(0, { a: 5 })];
    expect(receivedMs(log, { fromMs: 0, untilMs: 100 })).toEqual(new Map(Object.entries({ a: 15, b: 30 })));
  });

  test("counts a run that lies in the span in part in that part", () => {
    const log = [aRun(0, { a: 10, b: 30 }), aRun(90, { a: 20 }), aRun(200, { b: 5 })];
    expect(receivedMs(log, { fromMs: 20, untilMs: 100 })).toEqual(new Map(Object.entries({ a: 15, b: 15 })));
  });
});

describe("shareOf()", () => {
  test("is the part of what all received", () => {
    const log = [aRun(0, { a: 10, b: 30 })];
    expect(shareOf("a", log, { fromMs: 0, untilMs: 40 })).toBe(0.25);
    expect(shareOf("c", log, { fromMs: 0, untilMs: 40 })).toBe(0);
    expect(shareOf("a", log, { fromMs: 50, untilMs: 60 })).toBeNaN();
  });
});

describe("largestDifferenceMs()", () => {
  test("finds the stretch in which one received most beyond the other", () => {
    const log = [
      aRun(0, { a: 10 }),
      aRun(10, { b: 40 }),
      aRun(50, { b: 5, c: 99 }),
      aRun(200, { a: 30 }),
      aRun(230, { b: 1 }),
    ];
    expect(largestDifferenceMs(log, ["a", "b"])).toBe(45);
    expect(largestDifferenceMs(log, ["b", "a"])).toBe(45);
  });
});
