import type { EngineRun } from "@sluice/engine";
import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { BatchTimer } from "@sluice/scheduling";

import type { ServedModel } from "../models/served-model.ts";
import type { EngineLease } from "../slots/engine-slots.ts";
import type { WorkerEvent } from "../worker-event.ts";
import type { EngineRunPlan } from "./engine-run-plan.ts";
import { itemsOf, keepMembers } from "./engine-run-plan.ts";
import { failureFrame, noTimes, resultFrame } from "./frame-maker.ts";
import { joinInputs } from "./join-inputs.ts";
import type { OpenBatch } from "./open-batch.ts";
import { obstacleTo } from "./open-batch.ts";
import type { BatchPlan, RefusedRequest } from "./plan-batch.ts";
import { splitResults } from "./split-results.ts";

/** What became of a batch's requests that were not answered, and what it cost. */
export interface BatchOutcome {
  readonly costMs: number;
  readonly returned: readonly string[];
  readonly failed: readonly string[];
}

export interface RunBatchOptions {
  readonly batch: OpenBatch;
  readonly model: ServedModel;
  readonly lease: EngineLease;
  readonly clock: Clock;
  readonly timer: BatchTimer;
  /** Ends the batch after the run that is going on. */
  readonly signal: AbortSignal;
  /** Takes the answers of one run as soon as they are known. */
  readonly answer: (frames: readonly Frame[]) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Takes a planned batch through the engine, run by run, and answers its requests. Requests that expired or were cancelled
 * are left out before each run. A failed run of several requests is reported, so that the owner runs them again in
 * smaller batches: one request that the model cannot take does not hurt its mates; alone, it is told its error. Once the
 * engine has died, or `signal` aborts, what is left is given back.
 */
export async function runBatch(plan: BatchPlan, options: RunBatchOptions): Promise<BatchOutcome> {
  const { signal, clock } = options;
  const returned: string[] = [];
  const failed: string[] = [];
  let costMs = 0;
  let isEngineAlive = true;

  refuse(plan.refused, options);
  for (const [index, planned] of plan.runs.entries()) {
    const run = prune(planned, options);
    if (run.members.length === 0) continue;
    if (signal.aborted || !isEngineAlive) {
      returned.push(...idsOf(run));
      continue;
    }
    expectEnd([run, ...plan.runs.slice(index + 1)], options);
    const startedMs = clock.monotonicMs();
    try {
      costMs += await runOnce(run, options);
    } catch (thrown) {
      const error = InferenceError.from(thrown);
      costMs += clock.monotonicMs() - startedMs;
      isEngineAlive = error.code !== "unavailable";
      failed.push(...fail(run, error, options));
    }
  }
  return { costMs, returned, failed };
}

/** Runs and answers; gives the cost in milliseconds. */
async function runOnce(run: EngineRunPlan, options: RunBatchOptions): Promise<number> {
  const { batch, model, lease, clock, timer, answer } = options;
  const inputs = joinInputs(run);
  const startedMs = clock.monotonicMs();
  const done = await lease.engine.run(inputs);
  const endedMs = clock.monotonicMs();
  timer.observe(model.name, itemsOf(run), endedMs - startedMs);
  const answered = splitResults(run, { outputs: done.outputs, hasBatchAxis: model.signature.hasBatchAxis });
  const { inferenceMs, transferMs } = done;
  const times = { batchMs: startedMs - batch.arrivedMs, transferMs, inferenceMs };
  const moment = { batch, nowMs: endedMs, times };
  answer(answered.map(({ request, result }) => resultFrame(request, result, moment)));
  tellRun(run, done, options);
  return inferenceMs + transferMs;
}

function tellRun(run: EngineRunPlan, { inferenceMs, transferMs }: EngineRun, options: RunBatchOptions): void {
  const { model, onEvent } = options;
  onEvent({
    type: "engineRan",
    model: model.name,
    items: itemsOf(run),
    requestCount: run.members.length,
    inferenceMs,
    transferMs,
  });
}

/**
 * Handles a failed run: a lone request is answered, unless its engine died.
 * @returns the ids to run again.
 */
function fail(run: EngineRunPlan, error: InferenceError, options: RunBatchOptions): string[] {
  const { model, lease, onEvent } = options;
  const requestCount = run.members.length;
  onEvent({ type: "engineFailed", model: model.name, requestCount, error });
  const isEngineDead = error.code === "unavailable";
  if (isEngineDead) lease.retire();
  const [only] = run.members;
  if (isEngineDead || requestCount > 1 || only === undefined) return idsOf(run);
  refuse([{ request: only.request, error }], options);
  return [];
}

/** Answers requests with their errors. */
function refuse(refused: readonly RefusedRequest[], { batch, clock, answer }: RunBatchOptions): void {
  if (refused.length === 0) return;
  const moment = { batch, nowMs: clock.monotonicMs(), times: noTimes };
  answer(refused.map(({ request, error }) => failureFrame(request, error, moment)));
}

/** Leaves out, and answers, what expired or was cancelled. */
function prune(plan: EngineRunPlan, options: RunBatchOptions): EngineRunPlan {
  const { batch, clock } = options;
  const moment = { batch, nowMs: clock.monotonicMs() };
  const dropped = new Map<AdmittedRequest, RefusedRequest>();
  for (const { request } of plan.members) {
    const error = obstacleTo(request, moment);
    if (error !== undefined) dropped.set(request, { request, error });
  }
  if (dropped.size === 0) return plan;
  refuse([...dropped.values()], options);
  return keepMembers(plan, (request) => !dropped.has(request));
}

function idsOf(run: EngineRunPlan): string[] {
  return run.members.map(({ request }) => request.id);
}

/** Tells the slots when the runs that are left will probably have ended. */
function expectEnd(runs: readonly EngineRunPlan[], { lease, timer, model, clock }: RunBatchOptions): void {
  let endMs = clock.monotonicMs();
  for (const run of runs) {
    const runMs = timer.predictMs(model.name, itemsOf(run));
    if (runMs === undefined) return;
    endMs += runMs;
  }
  lease.expectEnd(endMs);
}
