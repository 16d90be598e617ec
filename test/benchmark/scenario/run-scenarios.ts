import type { ScenarioResult } from "../../simulation/index.ts";
import type { ScenarioRunOptions, BenchmarkScenario } from "./scenario.ts";

/** What became of one scenario. */
export interface ScenarioReport extends ScenarioResult {
  readonly seconds: number;
  /** Why it did not come to an end; then its bar is missed. */
  readonly error?: string;
}

export interface RunScenariosOptions extends ScenarioRunOptions {
  /** Told of each scenario as soon as it has run. */
  readonly onReport: (report: ScenarioReport) => void;
}

/** Runs scenarios one after the other; one that fails keeps none of the others from running. */
export async function runScenarios(
  scenarios: readonly BenchmarkScenario[],
  { onReport, ...options }: RunScenariosOptions,
): Promise<readonly ScenarioReport[]> {
  const reports: ScenarioReport[] = [];
  for (const scenario of scenarios) {
    options.onProgress(scenario.name);
    const report = await runOne(scenario, {
      ...options,
      onProgress: (line) => options.onProgress(`${scenario.name}: ${line}`),
    });
    reports.push(report);
    onReport(report);
  }
  return reports;
}

async function runOne(scenario: BenchmarkScenario, options: ScenarioRunOptions): Promise<ScenarioReport> {
  const { name } = scenario;
  const startMs = performance.now();
  const seconds = (): number => (performance.now() - startMs) / 1000;
  try {
    const result = await scenario.run(options);
    return { ...result, name, seconds: seconds() };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { name, figures: {}, bar: "runs to its end", isMet: false, seconds: seconds(), error: text };
  }
}
