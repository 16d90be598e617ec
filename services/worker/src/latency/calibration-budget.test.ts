import { describe, expect, test } from "vitest";
import { createCalibrationBudget } from "./calibration-budget.ts";

/** What each of some models is given, where it takes as much as `takesMs` says. */
function shares(modelCount: number, takesMs: (shareMs: number, index: number) => number): number[] {
  const budget = createCalibrationBudget({ modelMs: 1000, modelCount });
  return Array.from({ length: modelCount }, (_, index) => {
    const shareMs = budget.nextMs();
    budget.spend(takesMs(shareMs, index));
    return shareMs;
  });
}

describe("createCalibrationBudget()", () => {
  test("gives each of thirty models all that a model may have", () => {
    expect(shares(30, (shareMs) => shareMs)).toEqual(Array.from({ length: 30 }, () => 1000));
  });

  test("shares the time of thirty among more", () => {
    for (const shareMs of shares(1000, (ms) => ms)) expect(shareMs).toBeCloseTo(30, 9);
  });

  test("gives what some do not need to those after them", () => {
    const given = shares(40, (shareMs, index) => (index < 20 ? 0 : shareMs));
    expect(given[0]).toBe(750);
    expect(given.slice(20)).toEqual(Array.from({ length: 20 }, () => 1000));
  });

  test("gives nothing once models have used it up whose shortest measurement takes longer than their part", () => {
    const given = shares(1000, () => 300);
    expect(given.filter((shareMs) => shareMs > 0)).toHaveLength(100);
  });

  test("is off where no model may be measured", () => {
    const budget = createCalibrationBudget({ modelMs: 0, modelCount: 2 });
    expect(budget.isOff).toBe(true);
    expect(budget.nextMs()).toBe(0);
  });
});
