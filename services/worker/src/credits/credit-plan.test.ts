import { describe, expect, test } from "vitest";

import type { Forecast } from "../slots/forecast.ts";
import { planCredit } from "./credit-plan.ts";

function aForecast(slotCount: number, engines: Readonly<Record<string, number>>): Forecast {
  return { slotCount, engineCounts: new Map(Object.entries(engines)), freeInMs: 0, nextEndMs: Infinity };
}

describe("planCredit()", () => {
  test.each([
    {
      rule: "offers everything that is free in one credit",
      forecast: aForecast(2, { a: 1, b: 1 }),
      open: [],
      step: { kind: "send", models: ["a", "b"] },
    },
    {
      rule: "offers an engine in one credit only",
      forecast: aForecast(2, { a: 1 }),
      open: [{ creditId: "c1", models: ["a"] }],
      step: { kind: "none" },
    },
    {
      rule: "offers the second engine of a model in a second credit",
      forecast: aForecast(2, { a: 2 }),
      open: [{ creditId: "c1", models: ["a"] }],
      step: { kind: "send", models: ["a"] },
    },
    {
      rule: "opens no more credits than there are slots",
      forecast: aForecast(1, { a: 2 }),
      open: [{ creditId: "c1", models: ["a"] }],
      step: { kind: "none" },
    },
    {
      rule: "widens the newest credit when there is no slot for another",
      forecast: aForecast(1, { a: 1, b: 1 }),
      open: [{ creditId: "c1", models: ["a"] }],
      step: { kind: "widen", creditId: "c1", models: ["a", "b"] },
    },
    {
      rule: "asks for nothing without a slot",
      forecast: aForecast(0, { a: 1 }),
      open: [],
      step: { kind: "none" },
    },
    {
      rule: "asks for nothing without an engine",
      forecast: aForecast(2, {}),
      open: [],
      step: { kind: "none" },
    },
  ])("$rule", ({ forecast, open, step }) => {
    expect(planCredit(forecast, open)).toEqual(step);
  });
});
