import { batchingSimulations } from "../../simulation/index.ts";
import type { BenchmarkScenario } from "../scenario/scenario.ts";
import { saturation } from "./live/saturation.ts";
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
  saturation,
  streams,
];
