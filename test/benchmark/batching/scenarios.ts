import { batchingSimulations } from "../../simulation/index.ts";
import type { BenchmarkScenario } from "../scenario/scenario.ts";

/** In the order of a report. */
export const batchingScenarios: readonly BenchmarkScenario[] = batchingSimulations.map(({ name, run }) => ({
  name: `simulated/${name}`,
  run,
}));
