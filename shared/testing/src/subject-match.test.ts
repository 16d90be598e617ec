import { describe, expect, test } from "vitest";
import { matchesSubject } from "./subject-match.ts";

describe("matchesSubject()", () => {
  test.each([
    ["a.b", "a.b", true],
    ["a.b", "a", false],
    ["a.b", "a.b.c", false],
    ["a.*", "a.b", true],
    ["a.*", "a", false],
    ["a.*", "a.b.c", false],
    ["*.b", "a.b", true],
    ["a.>", "a.b", true],
    ["a.>", "a.b.c", true],
    ["a.>", "a", false],
    [">", "a", true],
    ["a.b*", "a.bc", false],
  ])("%s takes %s: %s", (pattern, subject, isMatch) => {
    expect(matchesSubject(pattern, subject)).toBe(isMatch);
  });
});
