import { fairnessSimulations } from "../../simulation/index.ts";
import { costs } from "./live/costs.ts";
import { models } from "./live/models.ts";
import { noisyNeighbour } from "./live/noisy-neighbour.ts";
import { ownerKilled } from "./live/owner-killed.ts";
import { manyPools } from "./live/pools.ts";
import { weights } from "./live/weights.ts";
import { queueMemory } from "./queue/memory.ts";
import { queueSpeed } from "./queue/speed.ts";
import type { BenchmarkScenario } from "../scenario/scenario.ts";

const simulated = fairnessSimulations.map(({ name, run }): BenchmarkScenario => ({
  name: `simulated/${name}`,
  run,
}));

/** In the order of a report. */
export const fairnessScenarios: readonly BenchmarkScenario[] = [
  ...simulated,
  queueSpeed,
  queueMemory,
  weights,
  models,
  manyPools,
  costs,
  noisyNeighbour,
  ownerKilled,
];
