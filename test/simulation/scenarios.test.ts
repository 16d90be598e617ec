import { describe, expect, test } from "vitest";
import { runScenario, scenarioNames, type ScenarioResult } from "./index.ts";

function expectMet(result: ScenarioResult): void {
  expect(result.isMet, JSON.stringify(result, undefined, 2)).toBe(true);
}

describe("runScenario()", () => {
  test.each(scenarioNames)("meets the bar of %s", (name) => {
    expectMet(runScenario(name, { full: false }));
  });

  test("refuses a name that is none", () => {
    expect(() => runScenario("nonsense", { full: false })).toThrow("no scenario nonsense");
  });
});
