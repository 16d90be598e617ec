import { describe, expect, test } from "vitest";
import { echoWorkload, isRight } from "./workload.ts";

const values = Float32Array.of(0.25, 0.75);

describe("isRight()", () => {
  test("accepts values within the tolerance", () => {
    expect(isRight(Float32Array.of(0.25, 0.75), { values, tolerance: 0 })).toBe(true);
    expect(isRight(Float32Array.of(0.26, 0.74), { values, tolerance: 0.02 })).toBe(true);
  });

  test("refuses values further away, and values that are no numbers", () => {
    expect(isRight(Float32Array.of(0.25, 0.5), { values, tolerance: 0.02 })).toBe(false);
    expect(isRight(Float32Array.of(0.25, NaN), { values, tolerance: 0.02 })).toBe(false);
  });

  test("refuses an answer of another length", () => {
    expect(isRight(Float32Array.of(0.25), { values, tolerance: 0.02 })).toBe(false);
    expect(isRight(Float32Array.of(0.25, 0.75, 0), { values, tolerance: 0.02 })).toBe(false);
  });
});

describe("echoWorkload", () => {
  test("gives each caller an input of its own", () => {
    expect(echoWorkload.inputOf(0)).not.toEqual(echoWorkload.inputOf(1));
  });
});
