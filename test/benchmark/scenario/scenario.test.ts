import { describe, expect, test } from "vitest";
import { formatReport } from "./report.ts";
import { runScenarios } from "./run-scenarios.ts";
import { pickScenarios, type BenchmarkScenario } from "./scenario.ts";
import { fairnessScenarios } from "../fairness/scenarios.ts";

const options = { full: false, onProgress: () => undefined, onReport: () => undefined };

function aScenario(name: string, isMet: boolean): BenchmarkScenario {
  return { name, run: () => ({ name, figures: { "share of a": 0.73456, calls: 12 }, bar: "0.75", isMet }) };
}

describe("pickScenarios()", () => {
  test("picks one, a kind, or what a simulated and a live one have in common; all unless told", () => {
    const names = (only?: string): string[] => pickScenarios(fairnessScenarios, only).map(({ name }) => name);
    expect(names("live/weights")).toEqual(["live/weights"]);
    expect(names("weights")).toEqual(["simulated/weights", "live/weights"]);
    expect(names("queue")).toEqual(["queue/speed", "queue/memory"]);
    expect(names("live").length + names("simulated").length + 2).toBe(names().length);
    expect(names("nonsense")).toEqual([]);
  });
});

describe("runScenarios()", () => {
  test("runs a simulated scenario to its bar", async () => {
    const reports = await runScenarios(pickScenarios(fairnessScenarios, "simulated/weights"), options);
    expect(reports).toEqual([expect.objectContaining({ name: "simulated/weights", isMet: true })]);
  });

  test("goes on after a scenario that fails, and counts its bar as missed", async () => {
    const failing: BenchmarkScenario = {
      name: "live/broken",
      run: () => Promise.reject(new Error("no server")),
    };
    const reports = await runScenarios([failing, aScenario("live/whole", true)], options);
    expect(reports.map(({ name, isMet, error }) => [name, isMet, error])).toEqual([
      ["live/broken", false, "no server"],
      ["live/whole", true, undefined],
    ]);
  });

  test("tells of each scenario as soon as it has run", async () => {
    const told: string[] = [];
    await runScenarios([aScenario("live/one", true), aScenario("live/two", false)], {
      ...options,
      onProgress: (line) => told.push(line),
      onReport: ({ name, isMet }) => told.push(`${name} ${isMet}`),
    });
    expect(told).toEqual(["live/one", "live/one true", "live/two", "live/two false"]);
  });
});

describe("formatReport()", () => {
  test("says whether the bar is met, and every figure to four digits", async () => {
    const [report] = await runScenarios([aScenario("live/weights", false)], options);
    if (report === undefined) throw new Error("no report");
    expect(formatReport({ ...report, seconds: 8 })).toBe(
      "live/weights: MISSED (8.0 s)\n  bar: 0.75\n  share of a  0.7346\n  calls       12\n",
    );
  });
});
