import type { AdmittedRequest } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { curveMs } from "@sluice/scheduling";

import type { ServedModel } from "../models/served-model.ts";
import { elementsOf, type EngineRunPlan } from "./engine-run-plan.ts";
import type { OpenBatch } from "./open-batch.ts";
import type { BatchPlan } from "./plan-batch.ts";
import { createBatchPlanner } from "./plan-batch.ts";
import { takeTurns } from "./take-turns.ts";

/** A batch as far as it was prepared when its engine was to have a run. */
export interface PreparedBatch extends BatchPlan {
  /** Prepares and plans on, while that runs; absent where nothing is left. @param engineFreeMs - see {@link PrepareBatchOptions} */
  readonly rest?: (engineFreeMs: () => number) => Promise<PreparedBatch>;
}

export interface PrepareBatchOptions {
  readonly model: ServedModel;
  readonly clock: Clock;
  /** When the engine of the batch will probably be free, on the monotonic clock; Infinity while nobody knows. Asked again and again. */
  readonly engineFreeMs: () => number;
}

/** Until a model is measured, a run counts as much as this many elements. */
const unmeasuredCurve = { fixedMs: 64, perElementMs: 1, perPairMs: 0 };

/** How long before its engine is free a batch has a run, in milliseconds: the way there, and what planning it takes. */
const aheadMs = 0.5;

/** What a further run costs, about, in milliseconds: a batch is prepared in parts only where what is done and what is left take longer each. */
const worthwhileMs = 1;

/**
 * Prepares a batch, in turns with what else there is to do. Where its engine is about to be free before that has ended, and what is
 * done and what is left take more than a millisecond each, the batch begins with the most urgent run of what is prepared: the
 * engine does not wait for the rest, which is prepared meanwhile.
 */
export async function prepareBatch(batch: OpenBatch, options: PrepareBatchOptions): Promise<PreparedBatch> {
  const { model, clock } = options;
  const { requests } = batch.work;
  const planner = createBatchPlanner(model, requests, {
    runMs: (shape) => model.latency.predictMs(shape) ?? curveMs(unmeasuredCurve, shape),
    remainingMs: (request) => batch.remainingMs(request, batch.arrivedMs),
  });
  const steps = planner.prepare();
  const runs: EngineRunPlan[] = [];

  const prepareOn = async (engineFreeMs: () => number): Promise<PreparedBatch> => {
    const startedMs = clock.monotonicMs();
    const startCount = planner.preparedCount;
    const isFirstDue = (): boolean => {
      const nowMs = clock.monotonicMs();
      if (nowMs < engineFreeMs() - aheadMs) return false;
      const spentMs = nowMs - startedMs;
      const leftCount = requests.length - planner.preparedCount;
      const leftMs = (spentMs * leftCount) / (planner.preparedCount - startCount);
      return spentMs > worthwhileMs && leftMs > worthwhileMs && planner.preparedCount > startCount;
    };
    const isWhole = await takeTurns(stepUntil(steps, isFirstDue), clock);
    const plan = isWhole ? planner.planRest() : planner.planFirst();
    runs.push(...plan.runs);
    if (!isWhole) return { runs: plan.runs, refused: plan.refused, rest: prepareOn };
    model.latency.observeTexts(textSizes(runs));
    return plan;
  };
  return await prepareOn(options.engineFreeMs);
}

/** Takes steps until there are none, or `isDue`. Returns whether none is left. */
function* stepUntil(steps: Iterator<void, void>, isDue: () => boolean): Generator<void, boolean> {
  while (steps.next().done !== true) {
    if (isDue()) return false;
    yield;
  }
  return true;
}

/** Bytes of a text in a body that say how long it is. */
const textHeadBytes = 4;

/** Bytes of the texts of a batch, and elements of the rows they were made into, without padding. */
function textSizes(runs: readonly EngineRunPlan[]): { readonly bytes: number; readonly elements: number } {
  const requests = new Set<AdmittedRequest>();
  let bytes = 0;
  let elements = 0;
  for (const run of runs) {
    if (run.kind !== "text") continue;
    for (const { request, items } of run.parts) {
      requests.add(request);
      bytes -= items * textHeadBytes;
    }
    elements += elementsOf(run);
  }
  for (const { body } of requests) for (const chunk of body) bytes += chunk.length;
  return { bytes, elements };
}
