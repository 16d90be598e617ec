import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curveMs } from "../latency/latency-curve.ts";
import { batchOverheadMs, furtherRunsMs, worthwhileItems } from "./batch-size.ts";

const curve = (fixedMs: number, perElementMs: number, perPairMs = 0) => ({
  fixedMs,
  perElementMs,
  perPairMs,
});

describe("worthwhileItems()", () => {
  test.each([
    ["a convolution that takes as long for each item", curve(0.1, 40), 1],
    ["a smaller one", curve(0.1, 5), 4],
    ["a model that shares half of the time of one item", curve(5, 5), 29],
    ["a tiny model", curve(0.02, 0.002), 63],
    ["a model that takes the same time for any number", curve(3, 0), 63],
  ])("lets %s have batches that are large enough", (_what, of, items) => {
    expect(worthwhileItems(of, { length: 1, maxItems: 64 })).toBe(items);
  });

  test("lets long rows have smaller batches than short ones", () => {
    const of = curve(2, 0.01, 0.0001);
    const sizes = [16, 64, 256].map((length) => worthwhileItems(of, { length, maxItems: 64 }));
    expect(sizes).toEqual([57, 40, 11]);
  });

  test("is the smallest whose time for each item is within a fiftieth of that of the largest", () => {
    const part = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({ fixedMs: part, perElementMs: part, perPairMs: part }),
        fc.record({ length: fc.integer({ min: 1, max: 64 }), maxItems: fc.integer({ min: 1, max: 200 }) }),
        (of, { length, maxItems }) => {
          const eachMs = (items: number): number =>
            (curveMs(of, { items, length }) + batchOverheadMs) / items / eachAtMostMs;
          const eachAtMostMs = (curveMs(of, { items: maxItems, length }) + batchOverheadMs) / maxItems;
          const items = worthwhileItems(of, { length, maxItems });
          expect(items).toBeGreaterThanOrEqual(1);
          expect(items).toBeLessThanOrEqual(maxItems);
          expect(eachMs(items)).toBeLessThan(1.0201);
          if (items > 1) expect(eachMs(items - 1)).toBeGreaterThan(1.0199);
        },
      ),
    );
  });
});

describe("furtherRunsMs()", () => {
  test.each([
    ["nobody has a deadline", Infinity, 50],
    ["callers allow plenty", 30_000, 50],
    ["somebody is in a hurry", 1000, 20],
    ["somebody allows next to nothing", 10, 0.2],
  ])("is a fiftieth of what callers allow, at most 50 ms: %s", (_what, timeoutMs, ms) => {
    expect(furtherRunsMs(timeoutMs)).toBe(ms);
  });
});
