import { describe, expect, test } from "vitest";
import { fairnessSimulations } from "./index.ts";

describe("a simulation of fairness", () => {
  test.each(fairnessSimulations)("meets the bar of $name", (scenario) => {
    const result = scenario.run({ full: false });
    expect(result.isMet, JSON.stringify(result, undefined, 2)).toBe(true);
  });
});
