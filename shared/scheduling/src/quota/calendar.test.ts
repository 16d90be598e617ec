import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { monthOf, untilNextDayMs, untilNextMonthMs, utcDay } from "./calendar.ts";

const dayMs = 86_400_000;
/** What the platform says; years before 1000 apart. */
const platform = new Intl.DateTimeFormat("en-CA", { timeZone: "UTC" });
/** From 1900-01-01 to 2200-01-01. */
const moment = fc.integer({ min: -25_567 * dayMs, max: 84_006 * dayMs });

describe("calendar", () => {
  test.each([
    { day: 0, text: "1970-01-01" },
    { day: -1, text: "1969-12-31" },
    { day: 11_016, text: "2000-02-29" },
    { day: 47_540, text: "2100-02-28" },
    { day: 47_541, text: "2100-03-01" },
    { day: 20_779, text: "2026-11-22" },
  ])("day $day since 1970 is $text from its first to its last millisecond", ({ day, text }) => {
    expect(utcDay(day * dayMs)).toBe(text);
    expect(utcDay((day + 1) * dayMs - 1)).toBe(text);
  });

  test("says how long the day goes on", () => {
    expect(untilNextDayMs(0)).toBe(dayMs);
    expect(untilNextDayMs(dayMs - 1)).toBe(1);
    expect(untilNextDayMs(-1)).toBe(1);
  });

  test("knows the days that the platform knows, and their months", () => {
    fc.assert(
      fc.property(moment, (wallMs) => {
        const day = utcDay(wallMs);
        expect(day).toBe(platform.format(wallMs));
        const nextMonthMs = wallMs + untilNextMonthMs(wallMs);
        expect(monthOf(utcDay(nextMonthMs - 1))).toBe(monthOf(day));
        expect(utcDay(nextMonthMs)).toMatch(/-01$/);
        expect(Number.isInteger(nextMonthMs / dayMs)).toBe(true);
      }),
    );
  });
});
