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
  /** Takes the answers as they become known. */
  readonly answer: (frames: readonly Frame[]) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Takes a planned batch through the engine, run by run, and answers its requests. Requests that expired or were cancelled
 * are left out before each run. A failed run of several requests is reported, so that the owner runs them again in
 * smaller batches: one request that the model cannot take does not hurt its mates; alone, it is told its error.
 */
export async function runBatch(plan: BatchPlan, options: RunBatchOptions): Promise<BatchOutcome> {
  const { batch, model, lease, clock, timer, signal, answer } = options;
  const returned: string[] = [];
  const failed: string[] = [];
  let costMs = 0;
  let isEngineAlive = true;

  const refuse = (request: AdmittedRequest, error: InferenceError): Frame =>
    failureFrame(request, error, { batch, nowMs: clock.monotonicMs(), times: noTimes });
  answerAll(plan.refused.map(({ request, error }) => refuse(request, error)));

  function answerAll(frames: readonly Frame[]): void {
    if (frames.length > 0) answer(frames);
  }

  let remaining = plan.runs;
  while (remaining.length > 0) {
    const [planned, ...later] = remaining;
    remaining = later;
    if (planned === undefined) break;
    const { run, dropped } = prune(planned, { batch, nowMs: clock.monotonicMs() });
    answerAll(dropped.map(({ request, error }) => refuse(request, error)));
    if (run.members.length === 0) continue;
    if (signal.aborted || !isEngineAlive) {
      returned.push(...idsOf(run));
      continue;
    }
    expectEnd([run, ...later], { lease, timer, model, nowMs: clock.monotonicMs() });
    const startedMs = clock.monotonicMs();
    try {
      const done = await lease.engine.run(joinInputs(run));
      costMs += done.inferenceMs + done.transferMs;
      timer.observe(model.name, itemsOf(run), clock.monotonicMs() - startedMs);
      answerAll(resultsOf(run, { done, startedMs, ...options }));
    } catch (thrown) {
      const error = InferenceError.from(thrown);
      costMs += clock.monotonicMs() - startedMs;
      isEngineAlive = error.code !== "unavailable";
      if (!isEngineAlive) lease.retire();
      options.onEvent({ type: "engineFailed", model: model.name, requestCount: run.members.length, error });
      const [only, ...others] = run.members;
      if (only !== undefined && others.length === 0 && isEngineAlive)
        answerAll([refuse(only.request, error)]);
      else failed.push(...idsOf(run));
    }
  }
  return { costMs, returned, failed };
}

interface EndedRun extends RunBatchOptions {
  readonly done: EngineRun;
  readonly startedMs: number;
}

function resultsOf(run: EngineRunPlan, { done, startedMs, ...options }: EndedRun): Frame[] {
  const { batch, model, clock, onEvent } = options;
  const { inferenceMs, transferMs, outputs } = done;
  const { hasBatchAxis } = model.signature;
  const answered = splitResults(run, { outputs, hasBatchAxis });
  onEvent({
    type: "engineRan",
    model: model.name,
    items: itemsOf(run),
    requestCount: answered.length,
    inferenceMs,
    transferMs,
  });
  const times = { batchMs: startedMs - batch.arrivedMs, transferMs, inferenceMs };
  const moment = { batch, nowMs: clock.monotonicMs(), times };
  return answered.map(({ request, result }) => resultFrame(request, result, moment));
}

interface PrunedRun {
  readonly run: EngineRunPlan;
  readonly dropped: readonly RefusedRequest[];
}

/** Leaves out what expired or was cancelled. */
function prune(plan: EngineRunPlan, at: { readonly batch: OpenBatch; readonly nowMs: number }): PrunedRun {
  const dropped: RefusedRequest[] = [];
  for (const { request } of plan.members) {
    const error = obstacleTo(request, at);
    if (error !== undefined) dropped.push({ request, error });
  }
  if (dropped.length === 0) return { run: plan, dropped };
  const gone = new Set(dropped.map(({ request }) => request));
  return { run: keepMembers(plan, (request) => !gone.has(request)), dropped };
}

function idsOf(run: EngineRunPlan): string[] {
  return run.members.map((member) => member.request.id);
}

interface Expectation {
  readonly lease: EngineLease;
  readonly timer: BatchTimer;
  readonly model: ServedModel;
  readonly nowMs: number;
}

/** Tells the slots when the runs that are left will probably have ended. */
function expectEnd(runs: readonly EngineRunPlan[], { lease, timer, model, nowMs }: Expectation): void {
  let endMs = nowMs;
  for (const run of runs) {
    const runMs = timer.predictMs(model.name, itemsOf(run));
    if (runMs === undefined) return;
    endMs += runMs;
  }
  lease.expectEnd(endMs);
}
