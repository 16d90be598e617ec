import { describe, expect, test } from "vitest";
import { curveMs } from "./latency-curve.ts";
import { boundMs } from "./latency-profile.ts";

const curve = { fixedMs: 5, perElementMs: 0.5, perPairMs: 0.01 };

describe("curveMs()", () => {
  test("adds what every run, each element and each pair of elements takes", () => {
    expect(curveMs(curve, { items: 4, length: 10 })).toBeCloseTo(5 + 4 * 10 * 0.5 + 4 * 100 * 0.01, 12);
  });
});

describe("boundMs()", () => {
  test("is the curve times the margin", () => {
    const profile = { curve, margin: 1.2, drift: 1 };
    expect(boundMs(profile, { items: 4, length: 10 })).toBeCloseTo(1.2 * 29, 12);
  });
});
