import { arrivalKinds } from "./batching/scenarios/arrival-kinds.ts";
import { longStall, restart, shortStall, slowerWorkers } from "./batching/scenarios/changing-speed.ts";
import { goodputBursts, goodputPoisson } from "./batching/scenarios/goodput.ts";
import { mixedLengths } from "./batching/scenarios/mixed-lengths.ts";
import { mixedTimeouts } from "./batching/scenarios/mixed-timeouts.ts";
import { overload } from "./batching/scenarios/overload.ts";
import { classes } from "./scenarios/classes.ts";
import { costOfFairness } from "./scenarios/cost-of-fairness.ts";
import { costs } from "./scenarios/costs.ts";
import { gateways } from "./scenarios/gateways.ts";
import { manyTenants } from "./scenarios/many-tenants.ts";
import { models } from "./scenarios/models.ts";
import { noisyNeighbour } from "./scenarios/noisy-neighbour.ts";
import { returnFromIdle } from "./scenarios/return-from-idle.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { weights } from "./scenarios/weights.ts";

export { simulateGoodput } from "./batching/simulate-goodput.ts";
export type { OnTimeCurves } from "./batching/scenarios/on-time-curves.ts";
export { measureOnTimeCurves } from "./batching/scenarios/on-time-curves.ts";
export type { Scenario, ScenarioLength, ScenarioResult } from "./scenarios/scenario.ts";

/** Who gets what of a pool, in the order of a report. */
export const fairnessSimulations: readonly Scenario[] = [
  weights,
  models,
  gateways,
  costs,
  returnFromIdle,
  noisyNeighbour,
  classes,
  costOfFairness,
  manyTenants,
];

/** What a pool carries in time, in the order of a report. */
export const batchingSimulations: readonly Scenario[] = [
  goodputPoisson,
  goodputBursts,
  mixedLengths,
  overload,
  mixedTimeouts,
  arrivalKinds,
  slowerWorkers,
  shortStall,
  longStall,
  restart,
];
