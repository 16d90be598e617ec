import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curveMs, type RunShape } from "./latency-curve.ts";
import { createLatencyModel } from "./latency-model.ts";
import { seededRandom } from "./serving.fixture.ts";

const truth = { fixedMs: 5, perElementMs: 0.02, perPairMs: 0.0001 };
const shapes = [1, 2, 4, 8, 16].flatMap((items) => [16, 64, 200].map((length) => ({ items, length })));

/** Runs of all shapes, again and again. */
function* runs(count: number) {
  for (let run = 0; run < count; run++) yield shapes[run % shapes.length] ?? { items: 1, length: 1 };
}

describe("createLatencyModel()", () => {
  test("predicts by its calibration before it has observed anything", () => {
    const model = createLatencyModel({ calibration: truth });
    expect(model.predictMs({ items: 3, length: 10 })).toBeCloseTo(5.63, 9);
    expect(model.boundMs({ items: 3, length: 10 })).toBeCloseTo(1.1 * 5.63, 9);
    expect(model.profile.drift).toBe(1);
  });

  test("leaves out the first two runs of a shape", () => {
    const model = createLatencyModel({ calibration: truth });
    const before = model.profile;
    for (const shape of [...shapes, ...shapes]) model.observe(shape, 1000);
    expect(model.profile).toBe(before);
  });

  test("comes near the curve where the fixed part was calibrated at twice and the others at half their size", () => {
    const calibration = { fixedMs: 10, perElementMs: 0.01, perPairMs: 0.00005 };
    const model = createLatencyModel({ calibration });
    for (const shape of runs(200)) model.observe(shape, curveMs(truth, shape));
    const worstError = (ofMs: (shape: RunShape) => number): number =>
      Math.max(...shapes.map((shape) => Math.abs(ofMs(shape) / curveMs(truth, shape) - 1)));
    expect(worstError((shape) => curveMs(calibration, shape))).toBeGreaterThan(0.9);
    expect(worstError(model.predictMs)).toBeLessThan(0.3);
  });

  test("predicts shapes that did not run lately by the drift of those that did", () => {
    const model = createLatencyModel({ calibration: truth });
    const small = { items: 1, length: 16 };
    for (let run = 0; run < 200; run++) model.observe(small, 3 * curveMs(truth, small));
    const large = { items: 16, length: 200 };
    expect(model.profile.drift).toBeCloseTo(3, 9);
    expect(model.predictMs(large) / curveMs(truth, large)).toBeCloseTo(3, 1);
  });

  test("is hardly moved by a stall of sixteen batches, and is outgrown by one that lasts", () => {
    const model = createLatencyModel({ calibration: truth });
    for (const shape of runs(200)) model.observe(shape, curveMs(truth, shape));
    for (const shape of runs(15)) model.observe(shape, 12 * curveMs(truth, shape));
    const shape = { items: 8, length: 64 };
    expect(model.predictMs(shape) / curveMs(truth, shape)).toBeLessThan(1.1);
    expect(model.isOutgrown).toBe(false);
    for (const other of runs(200)) model.observe(other, 12 * curveMs(truth, other));
    expect(model.predictMs(shape) / curveMs(truth, shape)).toBeCloseTo(12, 0);
    expect(model.isOutgrown).toBe(true);
  });

  test("follows a return to the calibrated speed after 20 runs", () => {
    const model = createLatencyModel({ calibration: truth });
    for (const shape of runs(400)) model.observe(shape, 12 * curveMs(truth, shape));
    for (const shape of runs(20)) model.observe(shape, curveMs(truth, shape));
    const shape = { items: 8, length: 64 };
    expect(model.predictMs(shape) / curveMs(truth, shape)).toBeLessThan(1.3);
  });

  test("fits its curve to long runs after each four, to short ones after each thirty-two", () => {
    const shape = { items: 1, length: 1 };
    const runsPerFit = (ms: number): number => {
      const model = createLatencyModel({ calibration: { fixedMs: 1, perElementMs: 0, perPairMs: 0 } });
      const fitted = new Set(Array.from({ length: 2 + 96 }, () => (model.observe(shape, ms), model.profile)));
      return 96 / (fitted.size - 1);
    };
    expect(runsPerFit(2)).toBe(4);
    expect(runsPerFit(0.1)).toBe(32);
  });

  test("has a margin that 95 of 100 noisy runs stay within", () => {
    const model = createLatencyModel({ calibration: truth });
    const random = seededRandom(7);
    let coveredCount = 0;
    for (const shape of runs(4000)) {
      const ms = curveMs(truth, shape) * (0.8 + 0.4 * random());
      if (ms <= model.boundMs(shape)) coveredCount += 1;
      model.observe(shape, ms);
    }
    expect(coveredCount / 4000).toBeGreaterThan(0.93);
    expect(coveredCount / 4000).toBeLessThan(0.97);
  });

  test("does not take a change of speed for noise", () => {
    const model = createLatencyModel({ calibration: truth });
    const random = seededRandom(7);
    const observe = (count: number, factor: number): void => {
      for (const shape of runs(count))
        model.observe(shape, factor * curveMs(truth, shape) * (0.95 + 0.1 * random()));
    };
    observe(400, 1);
    observe(40, 1.4);
    expect(model.profile.margin).toBeLessThan(1.15);
    expect(model.profile.drift).toBeGreaterThan(1.3);
  });

  test("begins anew when it is calibrated anew", () => {
    const model = createLatencyModel({ calibration: truth });
    for (const shape of runs(200)) model.observe(shape, 12 * curveMs(truth, shape));
    model.calibrate(truth);
    expect(model.profile).toMatchObject({ curve: truth, drift: 1 });
    expect(model.isOutgrown).toBe(false);
  });

  test("keeps prediction, margin and drift finite, above 0 and within their limits whatever it observes", () => {
    const aShape = fc.record({
      items: fc.integer({ min: 1, max: 64 }),
      length: fc.integer({ min: 1, max: 512 }),
    });
    const aRun = fc.tuple(aShape, fc.double({ min: 0.001, max: 100_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(aRun, { minLength: 50, maxLength: 300 }), aShape, (observed, asked) => {
        const model = createLatencyModel({ calibration: truth });
        for (const [shape, ms] of observed) model.observe(shape, ms);
        const { margin, drift } = model.profile;
        const ratio = model.predictMs(asked) / (drift * curveMs(truth, asked));
        expect(ratio).toBeGreaterThan(0.2499);
        expect(ratio).toBeLessThan(4.0001);
        expect(margin).toBeGreaterThanOrEqual(1);
        expect(margin).toBeLessThanOrEqual(2);
        expect(model.boundMs(asked)).toBeCloseTo(margin * model.predictMs(asked), 6);
      }),
      { numRuns: 50 },
    );
  });
});
