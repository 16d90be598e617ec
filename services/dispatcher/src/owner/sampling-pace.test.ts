import { describe, expect, test } from "vitest";
import { createSamplingPace } from "./sampling-pace.ts";

describe("createSamplingPace()", () => {
  test("has a sample due at once, and again whenever the last one took no time", () => {
    const pace = createSamplingPace();
    expect(pace.isDue(0)).toBe(true);
    pace.took({ startedMs: 0, endedMs: 0 });
    expect(pace.isDue(0)).toBe(true);
  });

  test("leaves so much time after a long sample that samples take a hundredth of it", () => {
    const pace = createSamplingPace();
    pace.took({ startedMs: 1000, endedMs: 1050 });
    expect(pace.isDue(5999)).toBe(false);
    expect(pace.isDue(6000)).toBe(true);
  });
});
