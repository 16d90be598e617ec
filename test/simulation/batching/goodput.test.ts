import { describe, expect, test } from "vitest";
import { bestGoodputRatio, goodputRatio } from "./goodput.ts";

/** All on time up to a load, few above it. */
function upToLoad(most: number): (load: number) => number {
  return (load) => (load <= most ? 1 : 0.5);
}

describe("goodputRatio()", () => {
  test.each([0.25, 0.5, 0.83, 1.02])("finds the largest load with 99 of 100 on time: %d", (most) => {
    expect(goodputRatio(upToLoad(most))).toBeLessThanOrEqual(most);
    expect(goodputRatio(upToLoad(most))).toBeGreaterThan(most - 0.01);
  });

  test("is 0 where even little load is late", () => {
    expect(goodputRatio(() => 0.98)).toBe(0);
  });
});

describe("bestGoodputRatio()", () => {
  test("is that of the best, wherever it stands", () => {
    const loads = [0.3, 0.8, 0.5, 0.79];
    expect(bestGoodputRatio(loads.map(upToLoad))).toBe(goodputRatio(upToLoad(0.8)));
    expect(bestGoodputRatio([() => 0, upToLoad(0.4)])).toBe(goodputRatio(upToLoad(0.4)));
    expect(bestGoodputRatio([])).toBe(0);
  });
});
