import { describe, expect, test } from "vitest";

import { createLatencyTracker } from "./latency-tracker.ts";

const calibration = { fixedMs: 4, perElementMs: 1, perPairMs: 0 };

describe("createLatencyTracker()", () => {
  test("knows a measured model at once", () => {
    const tracker = createLatencyTracker({ calibration, maxTextLength: 1 });
    expect(tracker.predictMs({ items: 3, length: 1 })).toBe(7);
    expect(tracker.latency).toEqual({ curve: calibration, margin: 1.1, drift: 1, elementsPerByte: 0 });
  });

  test("predicts by the first runs of one that was not measured, and tells others once it has ten", () => {
    const tracker = createLatencyTracker({ calibration: undefined, maxTextLength: 1 });
    tracker.observe({ items: 1, length: 1 }, 500);
    expect(tracker.predictMs({ items: 1, length: 1 })).toBeCloseTo(500);
    tracker.observe({ items: 4, length: 1 }, 500);
    for (let run = 0; run < 4; run++) {
      expect(tracker.latency).toBeUndefined();
      tracker.observe({ items: 1, length: 1 }, 5);
      tracker.observe({ items: 4, length: 1 }, 8);
    }
    expect(tracker.predictMs({ items: 2, length: 1 })).toBeCloseTo(6, 2);
  });

  test("remembers one shape for each power of two", () => {
    const tracker = createLatencyTracker({ calibration, maxTextLength: 1 });
    for (let items = 1; items <= 64; items++) tracker.observe({ items, length: 1 }, 5);
    expect([...tracker.shapes].map(({ items }) => items)).toEqual([1, 3, 7, 15, 31, 63, 64]);
  });

  test("follows how many elements a byte of text makes, where that matters", () => {
    const tracker = createLatencyTracker({ calibration, maxTextLength: 128 });
    expect(tracker.latency?.elementsPerByte).toBe(0.25);
    for (let run = 0; run < 300; run++) tracker.observeTexts({ bytes: 100, elements: 50 });
    tracker.observeTexts({ bytes: 0, elements: 0 });
    expect(tracker.latency?.elementsPerByte).toBeCloseTo(0.5, 2);
    const fixed = createLatencyTracker({ calibration, maxTextLength: 1 });
    fixed.observeTexts({ bytes: 100, elements: 50 });
    expect(fixed.latency?.elementsPerByte).toBe(0);
    expect(tracker.latency?.maxTextLength).toBe(128);
    expect(fixed.latency).not.toHaveProperty("maxTextLength");
  });

  test("lets a clock that saw no time pass do no harm", () => {
    const tracker = createLatencyTracker({ calibration: undefined, maxTextLength: 1 });
    for (let run = 0; run < 300; run++) tracker.observe({ items: 1, length: 1 }, 0);
    expect(tracker.predictMs({ items: 1, length: 1 })).toBeGreaterThan(0);
    expect(tracker.latency?.drift).toBeCloseTo(1);
  });
});
