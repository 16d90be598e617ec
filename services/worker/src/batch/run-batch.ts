import type { AdmittedRequest, Frame, RunName } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import type { ServedModel } from "../models/served-model.ts";
import type { EngineLease } from "../slots/engine-slots.ts";
import type { GivenRun } from "../slots/given-run.ts";
import { nearEnd } from "../slots/given-run.ts";
import type { WorkerEvent } from "../worker-event.ts";
import type { BatchAnswers } from "./batch-answers.ts";
import { createBatchAnswers } from "./batch-answers.ts";
import type { EngineRunPlan } from "./engine-run-plan.ts";
import { elementsOf, keepRequests, requestCountOf, requestsOf, shapeOf } from "./engine-run-plan.ts";
import { joinInputs } from "./join-inputs.ts";
import { lateRequests } from "./late-requests.ts";
import type { OpenBatch } from "./open-batch.ts";
import { obstacleTo } from "./open-batch.ts";
import type { RefusedRequest } from "./plan-batch.ts";
import type { PreparedBatch } from "./prepare-batch.ts";
import { splitResults } from "./split-results.ts";
import { takeTurns } from "./take-turns.ts";
import { uselessWork } from "./useless-work.ts";

/** What became of a batch's requests that have no result, and what it cost. */
export interface BatchOutcome {
  readonly costMs: number;
  /** What of it was for requests that nobody waited for any more when they had run. */
  readonly uselessMs: number;
  readonly returned: readonly RunName[];
  readonly failed: readonly RunName[];
  /** What was answered without having run. */
  readonly unrun: readonly RunName[];
}

export interface RunBatchOptions {
  readonly batch: OpenBatch;
  readonly model: ServedModel;
  readonly lease: EngineLease;
  readonly clock: Clock;
  /** Ends the batch after the runs that the engine was given. */
  readonly signal: AbortSignal;
  /** Called when the engine begins with the first run. */
  readonly onBegun: () => void;
  /** Takes the answers of one run as soon as they are known. */
  readonly answer: (frames: readonly Frame[]) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Takes a planned batch through the engine, run by run, and answers each request once all its rows have run. Left out before
 * each run is what expired or was cancelled; given back is what would be answered too late since the batch takes longer than
 * its owner expected: another worker may be in time. A failed run of several requests is reported, so that the owner runs them
 * again in smaller batches: one request that the model cannot take does not hurt its mates; alone, it is told its error. Once
 * the engine has died, or `signal` aborts, what is left is given back. The engine is given each run a little before it has
 * ended the one before, be it of this batch or of another, and is passed on in the same way to the batch that follows. What is
 * not prepared yet is prepared while the engine has its first run; until then nobody knows when the batch will end.
 */
export async function runBatch(prepared: PreparedBatch, options: RunBatchOptions): Promise<BatchOutcome> {
  const { batch, model, lease, clock, signal, onEvent } = options;
  const answers = createBatchAnswers(options);
  const runOptions: RunOnceOptions = { batch, model, lease, clock, answers, onEvent };
  let costMs = 0;
  let uselessMs = 0;
  let runCount = 0;
  let before = lease.before;
  let freeSinceMs = 0;

  /** When the engine will probably be free. */
  const startsMs = (): number => {
    const nowMs = clock.monotonicMs();
    return before === undefined || before.endsMs === Infinity ? nowMs : Math.max(nowMs, before.endsMs);
  };

  /** What is left of a run, without what must not run any more, which is answered. */
  const dropObstructed = (planned: EngineRunPlan): EngineRunPlan => {
    const moment = { batch, nowMs: startsMs() };
    const refused = new Map<AdmittedRequest, RefusedRequest>();
    let isWhole = true;
    for (const { request } of planned.parts) {
      const isOpen = answers.isOpen(request);
      const error = isOpen ? obstacleTo(request, moment) : undefined;
      if (error !== undefined) refused.set(request, { request, error });
      isWhole &&= isOpen && error === undefined;
    }
    if (isWhole) return planned;
    answers.refuse([...refused.values()]);
    return keepRequests(planned, answers.isOpen);
  };

  /** The first run starts whatever is expected of it: what nobody dares to start is never measured again. */
  const returnLate = (run: EngineRunPlan): EngineRunPlan => {
    const nowMs = startsMs();
    const late = lateRequests(run, {
      predictMs: model.latency.predictMs,
      remainingMs: (request) => batch.remainingMs(request, nowMs),
    });
    if (late.size === 0 || (runCount === 0 && late.size === requestCountOf(run))) return run;
    answers.giveUpLate(late);
    return keepRequests(run, answers.isOpen);
  };

  /** A lone request is told its error, unless its engine died: that may not be its fault. */
  const endFailed = (run: EngineRunPlan, error: InferenceError): void => {
    const requests = requestsOf(run);
    if (lease.isRetired) {
      // The engine died of the run before, and never came to this one.
      answers.giveBack(requests);
      return;
    }
    onEvent({ type: "engineFailed", model: model.name, requestCount: requests.size, error });
    const isEngineAlive = error.code !== "unavailable";
    if (!isEngineAlive) lease.retire();
    const [only, ...others] = requests;
    if (!isEngineAlive || only === undefined || others.length > 0) answers.fail(requests);
    else answers.failAlone({ request: only, error });
  };

  /** What a run cost that nobody waits for any more. */
  const tellUseless = (run: EngineRunPlan, runMs: number): number => {
    let costMs = 0;
    for (const useless of uselessWork(run, { batch, costMs: runMs, nowMs: clock.monotonicMs() })) {
      costMs += useless.costMs;
      onEvent({ type: "uselessRun", model: model.name, ...useless });
    }
    return costMs;
  };

  /** Never rejects. */
  const runToEnd = async (run: EngineRunPlan): Promise<void> => {
    const givenMs = clock.monotonicMs();
    try {
      const runMs = await runOnce(run, runOptions);
      costMs += runMs;
      uselessMs += tellUseless(run, runMs);
    } catch (thrown) {
      costMs += clock.monotonicMs() - Math.max(givenMs, freeSinceMs);
      endFailed(run, InferenceError.from(thrown));
    }
    freeSinceMs = clock.monotonicMs();
  };

  /** Gives a run to the engine, and waits until that begins with it. @param later - those behind it; absent while they are not known */
  const give = async (run: EngineRunPlan, later?: readonly EngineRunPlan[]): Promise<GivenRun> => {
    const all = later && [run, ...later];
    if (all !== undefined) expectEnd(all, startsMs(), options);
    const ended = runToEnd(run);
    await before?.ended;
    runCount += 1;
    if (runCount === 1) {
      freeSinceMs = clock.monotonicMs();
      options.onBegun();
    }
    const startedMs = clock.monotonicMs();
    if (all !== undefined) expectEnd(all, startedMs, options);
    return { endsMs: startedMs + (model.latency.predictMs(shapeOf(run)) ?? Infinity), ended };
  };

  const runAll = async ({ runs, refused, rest }: PreparedBatch): Promise<void> => {
    answers.refuse(refused);
    for (const [index, planned] of runs.entries()) {
      if (before !== undefined) await nearEnd(before, clock);
      if (signal.aborted || lease.isRetired) {
        answers.giveBack(requestsOf(planned));
        continue;
      }
      const run = returnLate(dropObstructed(planned));
      if (run.parts.length > 0)
        before = await give(run, rest === undefined ? runs.slice(index + 1) : undefined);
    }
  };

  let part = prepared;
  await runAll(part);
  while (part.rest !== undefined) {
    part = await part.rest(startsMs);
    if (part.rest === undefined) expectEnd(part.runs, startsMs(), options);
    await runAll(part);
  }
  if (before !== undefined) {
    await nearEnd(before, clock);
    lease.passOn(before);
    await before.ended;
  }
  const { returned, failed, unrun } = answers;
  return { costMs, uselessMs, returned, failed, unrun };
}

interface RunOnceOptions extends Pick<RunBatchOptions, "batch" | "model" | "lease" | "clock" | "onEvent"> {
  readonly answers: BatchAnswers;
}

/** Runs, and hands the results on; gives the cost in milliseconds. */
async function runOnce(run: EngineRunPlan, options: RunOnceOptions): Promise<number> {
  const { batch, model, lease, clock, answers, onEvent } = options;
  const shape = shapeOf(run);
  const rowCount = model.fixedBatchSize ?? shape.items;
  const inputs = joinInputs(run, rowCount);
  const { outputs, inferenceMs, transferMs } = await lease.engine.run(inputs);
  const runMs = inferenceMs + transferMs;
  const batchMs = Math.max(0, clock.monotonicMs() - runMs - batch.arrivedMs);
  model.latency.observe(shape, runMs);
  const { hasBatchAxis } = model.signature;
  const answered = await takeTurns(splitResults(run, { outputs, hasBatchAxis, rowCount }), clock);
  answers.add(answered, { batchMs, transferMs, inferenceMs });
  onEvent({
    type: "engineRan",
    model: model.name,
    items: shape.items,
    shape: { rowCount, length: shape.length, elements: elementsOf(run) },
    requestCount: requestCountOf(run),
    inferenceMs,
    transferMs,
  });
  return runMs;
}

/** Tells the slots when the runs that are left will probably have ended. @param startsMs - when the engine begins with the first */
function expectEnd(
  runs: readonly EngineRunPlan[],
  startsMs: number,
  { lease, model }: Pick<RunBatchOptions, "lease" | "model">,
): void {
  let endMs = startsMs;
  for (const run of runs) {
    const runMs = model.latency.predictMs(shapeOf(run));
    if (runMs === undefined) return;
    endMs += runMs;
  }
  lease.expectEnd(endMs);
}
