import type { SimulatedWorker } from "../pool.ts";

/** Something that must hold whatever the product does, with the simulation that shows whether it does. */
export interface Scenario {
  readonly name: string;
  run(length: ScenarioLength): ScenarioResult;
}

export interface ScenarioLength {
  /** Whether to take the time that a benchmark may take; otherwise it takes about a second. */
  readonly full: boolean;
}

export interface ScenarioResult {
  readonly name: string;
  /** What was measured. */
  readonly figures: Readonly<Record<string, number>>;
  /** What the figures must reach, for people. */
  readonly bar: string;
  readonly isMet: boolean;
}

/** Workers that run the same models. */
export function someWorkers(count: number, models: readonly string[] = ["m"]): SimulatedWorker[] {
  return Array.from({ length: count }, () => ({ models }));
}

/** The first whole numbers above 0: seeds, and numbers to name things by. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
