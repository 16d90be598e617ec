import { describe, expect, test } from "vitest";
import { serve } from "./serving.fixture.ts";

const calibration = { fixedMs: 5, perElementMs: 1, perPairMs: 0 };
const steadyMs = (items: number): number => 5 + items;

/** A stall that makes every run twelve times as long. */
const stalledMs = (fromMs: number, untilMs: number) => (items: number, nowMs: number) =>
  (nowMs >= fromMs && nowMs < untilMs ? 12 : 1) * steadyMs(items);

describe("a latency model at half load with deadlines of 50 ms", () => {
  test("is on time while nothing changes", () => {
    const { onTimeRatio } = serve({ calibration, truthMs: steadyMs, durationMs: 20_000 });
    expect(onTimeRatio(0, 20_000)).toBeGreaterThan(0.99);
  });

  test("is on time at 0.98 over a step to 1.4 times as long", () => {
    const truthMs = (items: number, nowMs: number) => (nowMs < 10_000 ? 1 : 1.4) * steadyMs(items);
    const { onTimeRatio } = serve({ calibration, truthMs, durationMs: 20_000 });
    expect(onTimeRatio(0, 20_000)).toBeGreaterThan(0.98);
  });

  test("is on time at 0.95 over a stall of 1 s", () => {
    const { onTimeRatio } = serve({ calibration, truthMs: stalledMs(10_000, 11_000), durationMs: 30_000 });
    expect(onTimeRatio(0, 30_000)).toBeGreaterThan(0.95);
    expect(onTimeRatio(12_000, 30_000)).toBeGreaterThan(0.99);
  });

  test("is on time at 0.99 within 5 s after a stall of 30 s", () => {
    const { onTimeRatio } = serve({ calibration, truthMs: stalledMs(5000, 35_000), durationMs: 50_000 });
    expect(onTimeRatio(40_000, 50_000)).toBeGreaterThan(0.99);
  });

  test("never recovers from a stall of 30 s without probes", () => {
    const truthMs = stalledMs(5000, 35_000);
    const { onTimeRatio } = serve({ calibration, truthMs, durationMs: 50_000, hasProbe: false });
    expect(onTimeRatio(40_000, 50_000)).toBeLessThan(0.5);
  });

  test("is on time at 0.98 with a fixed part calibrated at twice and a slope at half its size", () => {
    const wrong = { fixedMs: 10, perElementMs: 0.5, perPairMs: 0 };
    const { onTimeRatio } = serve({ calibration: wrong, truthMs: steadyMs, durationMs: 20_000 });
    expect(onTimeRatio(0, 20_000)).toBeGreaterThan(0.98);
  });

  test("recovers from a calibration that took everything for ten times as long", () => {
    const wrong = { fixedMs: 50, perElementMs: 10, perPairMs: 0 };
    const { onTimeRatio } = serve({ calibration: wrong, truthMs: steadyMs, durationMs: 20_000 });
    expect(onTimeRatio(5000, 20_000)).toBeGreaterThan(0.99);
  });

  test("is on time at 0.98 over a restart of every worker", () => {
    const { onTimeRatio } = serve({ calibration, truthMs: steadyMs, durationMs: 20_000, restartMs: 10_000 });
    expect(onTimeRatio(0, 20_000)).toBeGreaterThan(0.98);
  });
});
