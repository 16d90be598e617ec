import { describe, expect, test } from "vitest";

import { isBoundEarly } from "./early-bind.ts";

const roundTrip = { medianMs: () => 0.4, p95Ms: () => 2 };

describe("isBoundEarly()", () => {
  test.each([
    { earlyMs: 0, isEarly: false },
    { earlyMs: 2.8, isEarly: false },
    { earlyMs: 2.81, isEarly: true },
  ])("is $isEarly for a batch that arrived $earlyMs ms early", ({ earlyMs, isEarly }) => {
    expect(isBoundEarly(earlyMs, roundTrip)).toBe(isEarly);
  });

  test("is false where there was an engine, however long messages take", () => {
    expect(isBoundEarly(0, { medianMs: () => 8, p95Ms: () => 2 })).toBe(false);
  });
});
