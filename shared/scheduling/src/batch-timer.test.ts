import { describe, expect, test } from "vitest";
import { createBatchTimer } from "./batch-timer.ts";

/** A timer that saw each size several times. */
function aTrainedTimer(msOf: (items: number) => number, sizes: readonly number[]) {
  const timer = createBatchTimer();
  for (const items of sizes) {
    for (let run = 0; run < 5; run++) timer.observe("m", items, msOf(items));
  }
  return timer;
}

describe("createBatchTimer()", () => {
  test("knows nothing of a model that never ran", () => {
    const timer = createBatchTimer();
    timer.observe("other", 1, 5);
    expect(timer.predictMs("m", 1)).toBeUndefined();
  });

  test("replaces the first, cold observation by the second", () => {
    const timer = createBatchTimer();
    timer.observe("m", 4, 300);
    expect(timer.predictMs("m", 4)).toBe(300);
    timer.observe("m", 4, 10);
    expect(timer.predictMs("m", 4)).toBe(10);
  });

  test("reads sizes it never saw from the line between their neighbours", () => {
    const timer = aTrainedTimer((items) => 5 + items, [1, 4, 16, 64]);
    expect(timer.predictMs("m", 10)).toBeCloseTo(15);
    expect(timer.predictMs("m", 40)).toBeCloseTo(45);
  });

  test("answers the smallest known size below it and grows in proportion above the largest", () => {
    const timer = aTrainedTimer(() => 8, [4]);
    expect(timer.predictMs("m", 1)).toBe(8);
    expect(timer.predictMs("m", 8)).toBe(16);
  });

  test("follows a lasting change within about ten batches", () => {
    const timer = aTrainedTimer(() => 10, [8]);
    for (let run = 0; run < 15; run++) timer.observe("m", 8, 20);
    expect(timer.predictMs("m", 8)).toBeGreaterThan(19);
  });

  test("is moved little by a single stall", () => {
    const timer = aTrainedTimer(() => 10, [8]);
    timer.observe("m", 8, 60_000);
    expect(timer.predictMs("m", 8)).toBeLessThanOrEqual(16);
  });
});
