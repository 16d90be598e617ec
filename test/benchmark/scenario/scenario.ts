import type { ScenarioResult } from "../../simulation/index.ts";

/** Something that must hold, whatever the load, with the run that shows whether it does. */
export interface BenchmarkScenario {
  /** `simulated/…`, `queue/…` or `live/…`. */
  readonly name: string;
  run(options: ScenarioRunOptions): Promise<ScenarioResult> | ScenarioResult;
}

export interface ScenarioRunOptions {
  /** Whether to take longer, for more runs or more seeds than the bar asks for. */
  readonly full: boolean;
  readonly onProgress: (line: string) => void;
}

/** Picks scenarios by their name, its part before the slash, or its part behind it; all unless told. */
export function pickScenarios(
  scenarios: readonly BenchmarkScenario[],
  only: string | undefined,
): readonly BenchmarkScenario[] {
  if (only === undefined) return scenarios;
  return scenarios.filter(({ name }) => name === only || name.split("/").includes(only));
}
