import { describe, expect, test } from "vitest";
import { createRecentLeast } from "./recent-least.ts";

describe("createRecentLeast()", () => {
  test("is the smallest value noted", () => {
    const least = createRecentLeast();
    expect(least.value(0)).toBe(Infinity);
    for (const value of [30, 10, 20]) least.note(value, 0);
    expect(least.value(4000)).toBe(10);
  });

  test("forgets a value after five to ten seconds", () => {
    const least = createRecentLeast();
    least.note(10, 0);
    least.note(20, 6000);
    expect(least.value(9999)).toBe(10);
    expect(least.value(12_000)).toBe(20);
    expect(least.value(60_000)).toBe(Infinity);
  });
});
