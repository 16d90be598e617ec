import { describe, expect, test } from "vitest";
import { createRandom } from "@sluice/load-generator";
import { drawRunMs, largestBatchRate, workEndMs } from "./serving-engine.ts";

const engine = {
  curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 },
  maxBatchItems: 32,
  noiseCv: 0,
  slowdowns: [],
};

describe("drawRunMs()", () => {
  test("is the curve, with noise around it", () => {
    const shape = { items: 4, length: 10 };
    const random = createRandom(1, 0);
    expect(drawRunMs(engine, shape, random)).toBe(45);
    const drawn = Array.from({ length: 10_000 }, () => drawRunMs({ ...engine, noiseCv: 0.1 }, shape, random));
    const mean = drawn.reduce((sum, ms) => sum + ms, 0) / drawn.length;
    expect(Math.abs(mean / 45 - 1)).toBeLessThan(0.01);
    expect(Math.max(...drawn)).toBeGreaterThan(1.2 * 45);
  });
});

describe("workEndMs()", () => {
  const slowdowns = [
    { fromMs: 100, untilMs: 200, factor: 10 },
    { fromMs: 300, untilMs: Infinity, factor: 2 },
  ];

  test.each([
    { startMs: 0, workMs: 50, endMs: 50 },
    { startMs: 90, workMs: 15, endMs: 150 },
    { startMs: 90, workMs: 30, endMs: 210 },
    { startMs: 150, workMs: 5, endMs: 200 },
    { startMs: 190, workMs: 121, endMs: 340 },
    { startMs: 400, workMs: 10, endMs: 420 },
  ])("slows the part of the work that lies in a slowdown: $startMs + $workMs", ({ endMs, ...work }) => {
    expect(workEndMs(slowdowns, work)).toBeCloseTo(endMs, 9);
  });
});

describe("largestBatchRate()", () => {
  test("counts full batches of rows of the length", () => {
    expect(largestBatchRate(engine)).toBeCloseTo(32_000 / 37, 9);
    expect(largestBatchRate(engine, 10)).toBeCloseTo(32_000 / 325, 9);
  });
});
