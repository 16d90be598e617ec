import type { Clock } from "@sluice/runtime";
import type { LatencyCurve } from "@sluice/scheduling";

import type { LoadedModel } from "../models/served-model.ts";
import type { WorkerEvent } from "../worker-event.ts";
import { calibrate } from "./calibrate.ts";
import type { CalibrationBudget } from "./calibration-budget.ts";
import type { SweepLimits } from "./sweep-shapes.ts";

export interface MeasureOptions {
  readonly clock: Clock;
  /** Time that measurements may take. */
  readonly budget: CalibrationBudget;
  readonly signal: AbortSignal;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Measures a model that serves nothing yet, and tells what came of it.
 * @returns `undefined` when it was not measured: its first runs will show how long they take.
 * @throws {InferenceError} `unavailable` when its engine died.
 */
export async function measureModel(
  model: LoadedModel,
  options: MeasureOptions,
): Promise<LatencyCurve | undefined> {
  const { clock, budget, signal, onEvent } = options;
  const { name, engines, generation } = model;
  const [engine] = engines;
  const skip = (reason: Extract<WorkerEvent, { type: "calibrationSkipped" }>["reason"]): undefined => {
    onEvent({ type: "calibrationSkipped", model: name, reason });
  };
  const budgetMs = budget.nextMs();
  if (budget.isOff) return skip("off");
  // What a step takes depends on the sequences that take part, not on a shape of inputs.
  if (generation !== undefined || engine === undefined) return skip("iterative");
  if (budgetMs === 0) return skip("noTime");
  const startedMs = clock.monotonicMs();
  const calibration = await calibrate(engine, { ...sweepLimits(model), clock, budgetMs, signal });
  budget.spend(clock.monotonicMs() - startedMs);
  if (calibration === undefined) return skip(signal.aborted ? "stopped" : "noShape");
  onEvent({ type: "modelCalibrated", model: name, ...calibration });
  return calibration.curve;
}

/** What a sweep over a model may ask of it. */
export function sweepLimits(model: LoadedModel): SweepLimits {
  const { hasBatchAxis, maxBatchSize, maxBatchTokens: maxTokens = Infinity } = model.signature;
  const inputs = model.engines[0]?.signature.inputs ?? [];
  const hasLengths = inputs.some(({ shape }) => (hasBatchAxis ? shape.slice(1) : shape).includes(-1));
  const maxItems = hasBatchAxis && model.fixedBatchSize === undefined ? maxBatchSize : 1;
  if (!hasLengths) return { maxItems, maxLength: 1, maxTokens };
  const maxLength = maxTextLength(model);
  return { maxItems, maxLength: maxLength > 1 ? maxLength : Infinity, maxTokens };
}

/** Most elements of a row that a text becomes; 1 where texts make rows of one length, or there are none. */
export function maxTextLength({ forms }: LoadedModel): number {
  return Math.max(1, ...[...forms.values()].map((form) => (form.kind === "text" ? form.step.maxLength : 1)));
}
