import { describe, expect, test } from "vitest";
import { growthPercent } from "./heap-growth.ts";

const mebibyte = 2 ** 20;

describe("growthPercent()", () => {
  test.each([
    { usedMiB: 4, percent: 400 },
    { usedMiB: 16, percent: 400 },
    { usedMiB: 32, percent: 200 },
    { usedMiB: 64, percent: 100 },
    { usedMiB: 65, percent: 0 },
    { usedMiB: 1000, percent: 0 },
  ])("is $percent with $usedMiB MiB in use", ({ usedMiB, percent }) => {
    expect(growthPercent(usedMiB * mebibyte)).toBe(percent);
  });
});
