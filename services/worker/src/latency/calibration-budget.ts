/** Shares the time in which the models of a worker may be measured before it serves any of them. */
export interface CalibrationBudget {
  /** Whether models are measured at all. */
  readonly isOff: boolean;
  /** Time for the next model, in milliseconds: its part of what is left, and never more than a model gets; 0 when it is used up. */
  nextMs(): number;
  /** Notes how long a model was measured, in milliseconds. */
  spend(ms: number): void;
}

export interface CalibrationBudgetOptions {
  /** Most time for one model, in milliseconds. */
  readonly modelMs: number;
  readonly modelCount: number;
}

/** So many models are measured for as long as each may be; more share that time. Half a minute, by default, is what a restart may take. */
const fullCount = 30;

/** Creates the budget of a worker that begins to load its models. */
export function createCalibrationBudget({
  modelMs,
  modelCount,
}: CalibrationBudgetOptions): CalibrationBudget {
  let leftMs = fullCount * modelMs;
  let modelsLeft = modelCount;
  return {
    isOff: modelMs === 0,
    nextMs: () => {
      const partMs = Math.max(0, leftMs) / Math.max(1, modelsLeft);
      modelsLeft -= 1;
      return Math.min(modelMs, partMs);
    },
    spend: (ms) => {
      leftMs -= ms;
    },
  };
}
