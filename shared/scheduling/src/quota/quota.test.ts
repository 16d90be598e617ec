import { describe, expect, test } from "vitest";
import { aQuota } from "./quota.fixture.ts";
import { chunkMs, hasBudget, pieceMs, toQuota } from "./quota.ts";

describe("toQuota()", () => {
  test("is nothing where nothing limits, a burst without a rate included", () => {
    expect(toQuota({})).toBeUndefined();
    expect(toQuota({ burstMs: 10 })).toBeUndefined();
  });

  test("has a burst of one second of the rate unless told, and never less than a tenth", () => {
    expect(aQuota({ rateMsPerSecond: 500 }).burstMs).toBe(500);
    expect(aQuota({ rateMsPerSecond: 500, burstMs: 2000 }).burstMs).toBe(2000);
    expect(aQuota({ rateMsPerSecond: 500, burstMs: 1 }).burstMs).toBe(50);
  });

  test("counts budgets in worker-milliseconds", () => {
    const quota = aQuota({ dailyBudgetSeconds: 60 });
    expect(quota).toMatchObject({ dailyBudgetMs: 60_000, monthlyBudgetMs: Infinity });
    expect(hasBudget(quota)).toBe(true);
    expect(hasBudget(aQuota({ rateMsPerSecond: 1 }))).toBe(false);
  });
});

describe("lease sizes", () => {
  test.each([
    { terms: { rateMsPerSecond: 1000 }, count: 1, chunk: 500 },
    { terms: { rateMsPerSecond: 1000 }, count: 4, chunk: 125 },
    { terms: { rateMsPerSecond: 1000, burstMs: 60_000 }, count: 1, chunk: 5000 },
    { terms: { dailyBudgetSeconds: 60 }, count: 2, chunk: 750 },
    { terms: { rateMsPerSecond: 1000, monthlyBudgetSeconds: 6 }, count: 2, chunk: 75 },
    { terms: { rateMsPerSecond: 100, monthlyBudgetSeconds: 60 }, count: 2, chunk: 25 },
    { terms: { rateMsPerSecond: 1000 }, count: 0, chunk: 500 },
  ])("a chunk of $terms among $count dispatchers is $chunk ms", ({ terms, count, chunk }) => {
    expect(chunkMs(aQuota(terms), count)).toBe(chunk);
  });

  test("a piece is a twentieth of the smallest budget, ten worker-seconds at most", () => {
    expect(pieceMs(aQuota({ dailyBudgetSeconds: 60, monthlyBudgetSeconds: 100 }))).toBe(3000);
    expect(pieceMs(aQuota({ dailyBudgetSeconds: 1e6 }))).toBe(10_000);
  });
});
