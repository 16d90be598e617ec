import { classes } from "./scenarios/classes.ts";
import { costOfFairness } from "./scenarios/cost-of-fairness.ts";
import { costs } from "./scenarios/costs.ts";
import { gateways } from "./scenarios/gateways.ts";
import { manyTenants } from "./scenarios/many-tenants.ts";
import { models } from "./scenarios/models.ts";
import { noisyNeighbour } from "./scenarios/noisy-neighbour.ts";
import { returnFromIdle } from "./scenarios/return-from-idle.ts";
import type { Scenario, ScenarioLength, ScenarioResult } from "./scenarios/scenario.ts";
import { weights } from "./scenarios/weights.ts";

export type { ScenarioLength, ScenarioResult } from "./scenarios/scenario.ts";

const scenarios: readonly Scenario[] = [
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

/** Names of all scenarios, in the order of a report. */
export const scenarioNames: readonly string[] = scenarios.map(({ name }) => name);

/**
 * Runs a scenario.
 * @throws {Error} for a name that is none.
 */
export function runScenario(name: string, length: ScenarioLength): ScenarioResult {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (scenario === undefined) throw new Error(`no scenario ${name}; there are ${scenarioNames.join(", ")}`);
  return scenario.run(length);
}
