import { batchingSimulations } from "../../simulation/index.ts";
import { saturationScenarios } from "../saturation/scenarios.ts";
import type { BenchmarkScenario } from "../scenario/scenario.ts";
import { simulatedGoodput } from "./live/simulated-goodput.ts";
import { streams } from "./live/streams.ts";

const simulated = batchingSimulations.map(({ name, run }): BenchmarkScenario => ({
  name: `simulated/${name}`,
  run,
}));

/** In the order of a report. */
export const batchingScenarios: readonly BenchmarkScenario[] = [
  ...simulated,
  simulatedGoodput,
  ...saturationScenarios,
  streams,
];
