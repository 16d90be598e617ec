import { describe, expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

describe("backoffMs()", () => {
  test.each([
    { attempt: 0, random: 0.5, expected: 50 },
    { attempt: 1, random: 0.5, expected: 100 },
    { attempt: 3, random: 0.25, expected: 200 },
    { attempt: 4, random: 0.5, expected: 500 },
    { attempt: 2_000, random: 1, expected: 1_000 },
    { attempt: 5, random: 0, expected: 0 },
  ])("takes of attempt $attempt the part $random", ({ attempt, random, expected }) => {
    expect(backoffMs({ attempt, baseMs: 100, maxMs: 1_000 }, () => random)).toBe(expected);
  });
});
