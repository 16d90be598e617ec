import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aQuota } from "./quota.fixture.ts";
import { createRateBucket } from "./rate-bucket.ts";

const quota = aQuota({ rateMsPerSecond: 500, burstMs: 2000 });

describe("createRateBucket()", () => {
  test("is full at first, and refills with the rate up to the burst", () => {
    const bucket = createRateBucket();
    expect(bucket.levelMs(quota, 0)).toBe(2000);
    bucket.take(quota, 1500, 0);
    expect(bucket.levelMs(quota, 0)).toBe(500);
    expect(bucket.levelMs(quota, 1000)).toBe(1000);
    expect(bucket.levelMs(quota, 60_000)).toBe(2000);
  });

  test("is below 0 where more was taken, until that has refilled", () => {
    const bucket = createRateBucket();
    bucket.take(quota, 5000, 0);
    expect(bucket.levelMs(quota, 0)).toBe(-3000);
    expect(bucket.levelMs(quota, 6000)).toBe(0);
  });

  test("holds no more than the burst, however much is put back", () => {
    const bucket = createRateBucket();
    bucket.take(quota, 100, 0);
    bucket.take(quota, -5000, 0);
    expect(bucket.levelMs(quota, 0)).toBe(2000);
    bucket.take(quota, 2000, 0);
    expect(bucket.levelMs(quota, 0)).toBe(0);
  });

  test("refills with the rate that holds now", () => {
    const bucket = createRateBucket();
    bucket.take(quota, 2000, 0);
    expect(bucket.levelMs({ ...quota, rateMsPerSecond: 250 }, 4000)).toBe(2000);
  });

  test("owes what it owed when its rate is raised or lowered, and refills with the new rate from then on", () => {
    const slow = aQuota({ rateMsPerSecond: 10, burstMs: 1000 });
    const fast = aQuota({ rateMsPerSecond: 1000, burstMs: 1000 });
    const raised = createRateBucket();
    raised.take(slow, 1200, 0);
    expect(raised.levelMs(fast, 0)).toBe(-200);
    raised.take(fast, 0, 0);
    expect(raised.levelMs(fast, 700)).toBe(500);
    const lowered = createRateBucket();
    lowered.take(fast, 1200, 0);
    expect(lowered.levelMs(slow, 0)).toBe(-200);
    lowered.take(slow, 0, 0);
    expect(lowered.levelMs(slow, 10_000)).toBe(-100);
  });

  test("is as full as it was where its rate changes and its burst with it, and refills to the new burst", () => {
    const bucket = createRateBucket();
    bucket.take(quota, 1500, 0);
    const small = aQuota({ rateMsPerSecond: 50, burstMs: 200 });
    expect(bucket.levelMs(small, 0)).toBe(50);
    bucket.take(small, 0, 0);
    expect(bucket.levelMs(small, 60_000)).toBe(200);
    expect(bucket.levelMs(quota, 60_000)).toBe(2000);
  });

  test("gains what its burst is raised by", () => {
    const bucket = createRateBucket();
    bucket.take(quota, 2100, 0);
    expect(bucket.levelMs({ ...quota, burstMs: 3000 }, 0)).toBe(900);
  });

  test("never ends where there is no rate", () => {
    const bucket = createRateBucket();
    const budgetOnly = aQuota({ dailyBudgetSeconds: 1 });
    bucket.take(budgetOnly, 1e9, 0);
    expect(bucket.levelMs(budgetOnly, 0)).toBe(Infinity);
  });

  test("lets no window have more than burst and rate where nothing is overdrawn", () => {
    const step = fc.record({ afterMs: fc.nat(2000), costMs: fc.integer({ min: 1, max: 800 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const bucket = createRateBucket();
        const taken: { atMs: number; sumMs: number }[] = [{ atMs: 0, sumMs: 0 }];
        let nowMs = 0;
        let sumMs = 0;
        for (const { afterMs, costMs } of steps) {
          nowMs += afterMs;
          if (bucket.levelMs(quota, nowMs) < costMs) continue;
          bucket.take(quota, costMs, nowMs);
          for (const before of taken) {
            const windowMs = 2000 + (500 * (nowMs - before.atMs)) / 1000;
            expect(sumMs + costMs - before.sumMs).toBeLessThanOrEqual(windowMs + 1e-6);
          }
          taken.push({ atMs: nowMs, sumMs });
          sumMs += costMs;
        }
      }),
    );
  });
});
