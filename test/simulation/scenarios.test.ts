import { describe, expect, test } from "vitest";
import { batchingSimulations, fairnessSimulations } from "./index.ts";
import type { Scenario } from "./scenarios/scenario.ts";

function expectMet(scenario: Scenario): void {
  const result = scenario.run({ full: false });
  expect(result.isMet, JSON.stringify(result, undefined, 2)).toBe(true);
}

/** Simulated seconds of several arms take some real ones, and more where the machine does something else too. */
const timeout = 120_000;

describe("a simulation of fairness", () => {
  test.each(fairnessSimulations)("meets the bar of $name", { timeout }, expectMet);
});

describe("a simulation of batching", () => {
  test.each(batchingSimulations)("meets the bar of $name", { timeout }, expectMet);
});
