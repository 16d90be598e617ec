import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibrateCurve } from "./calibrate-curve.ts";
import { curveMs } from "./latency-curve.ts";

const grid = (itemCounts: readonly number[], lengths: readonly number[]) =>
  itemCounts.flatMap((items) => lengths.map((length) => ({ items, length })));

describe("calibrateCurve()", () => {
  test("finds any curve again from a sweep over items and lengths", () => {
    const aPart = (max: number) => fc.double({ min: max / 100, max, noNaN: true });
    const aCurve = fc.record({ fixedMs: aPart(20), perElementMs: aPart(0.1), perPairMs: aPart(0.001) });
    fc.assert(
      fc.property(aCurve, (curve) => {
        const sweep = grid([1, 2, 4, 8, 16, 32], [16, 64, 256, 512]);
        const found = calibrateCurve(sweep.map((shape) => ({ shape, ms: curveMs(curve, shape) })));
        for (const shape of sweep) expect(curveMs(found, shape) / curveMs(curve, shape)).toBeCloseTo(1, 1);
      }),
    );
  });

  test("has no part that is nothing where larger batches were measured faster", () => {
    const curve = calibrateCurve([
      { shape: { items: 1, length: 1 }, ms: 10 },
      { shape: { items: 8, length: 1 }, ms: 8 },
    ]);
    expect(curve.perElementMs).toBeCloseTo((0.05 * 1) / 2, 9);
    expect(curve.fixedMs).toBeGreaterThan(8);
    expect(curve.fixedMs).toBeLessThan(10);
  });

  test("finds what is fixed and what each item takes where all rows have one length", () => {
    const sweep = grid([1, 2, 4, 8], [1]);
    const curve = calibrateCurve(sweep.map((shape) => ({ shape, ms: 5 + shape.items })));
    expect(curve.fixedMs).toBeCloseTo(5, 4);
    expect(curve.perElementMs).toBeCloseTo(1, 4);
    expect(curve.perPairMs).toBe(0);
  });

  test("shares what one shape alone takes equally between fixed and growing", () => {
    const curve = calibrateCurve([{ shape: { items: 2, length: 5 }, ms: 8 }]);
    expect(curve).toEqual({ fixedMs: 4, perElementMs: 0.4, perPairMs: 0 });
  });
});
