import { runName, type Frame, type RunName } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { isBoundEarly } from "../credits/early-bind.ts";
import type { EndedBatch } from "../credits/report-outbox.ts";
import type { RoundTrip } from "../credits/round-trip.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Generation } from "../generate/generation.ts";
import type { SequenceOutcome } from "../generate/run-sequence.ts";
import { runSequence } from "../generate/run-sequence.ts";
import type { StepLoops } from "../generate/step-loops.ts";
import type { ServedModel } from "../models/served-model.ts";
import type { EngineLease, EngineSlots } from "../slots/engine-slots.ts";
import type { WorkerEvent } from "../worker-event.ts";
import { countCodes } from "./frame-maker.ts";
import type { OpenBatch } from "./open-batch.ts";
import { prepareBatch } from "./prepare-batch.ts";
import type { BatchOutcome } from "./run-batch.ts";
import { runBatch } from "./run-batch.ts";

export interface HandleBatchOptions {
  readonly model: ServedModel;
  readonly slots: EngineSlots;
  readonly loops: StepLoops;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly roundTrip: Pick<RoundTrip, "medianMs" | "p95Ms">;
  /** Gives back what has not started. */
  readonly notStarted: AbortSignal;
  /** Ends what runs, as soon as the engine lets it. */
  readonly ended: AbortSignal;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Takes a batch from its arrival to its report: every request is answered and its frames acknowledged, or it is given
 * back, or it failed together with others. Rejects with a mistake of this program, and nothing else.
 */
export async function handleBatch(batch: OpenBatch, options: HandleBatchOptions): Promise<EndedBatch> {
  const { model, clock, onEvent } = options;
  const { batchId, requests } = batch.work;
  const { generation } = model;
  const outcome =
    generation === undefined
      ? await answerBatch(batch, options)
      : await generateBatch(batch, { ...options, generation });
  onEvent({
    type: "batchCompleted",
    batchId,
    model: model.name,
    requestCount: requests.length,
    returnedCount: outcome.returned.length,
    failedCount: outcome.failed.length,
    costMs: outcome.costMs,
    totalMs: clock.monotonicMs() - batch.arrivedMs,
  });
  // There is one for each batch: no spread, see CONTRIBUTING.
  return {
    batchId,
    costMs: outcome.costMs,
    uselessMs: outcome.uselessMs,
    returned: outcome.returned,
    failed: outcome.failed,
    unrun: outcome.unrun,
  };
}

async function answerBatch(batch: OpenBatch, options: HandleBatchOptions): Promise<BatchOutcome> {
  const { model, delivery, onEvent } = options;
  const { name, version } = model;
  const keepsOrder = model.signature.batching?.preserveOrdering === true;
  const deliveries: Promise<readonly Frame[]>[] = [];
  const kept: Frame[] = [];
  const keep = (frames: readonly Frame[]): void => void kept.push(...frames);
  const answer = (frames: readonly Frame[]): void => {
    onEvent({ type: "requestsAnswered", model: name, codes: countCodes(frames) });
    deliveries.push(delivery.deliver({ model: name, version, frames }));
  };
  const outcome = await runInSlot(batch, options, keepsOrder ? keep : answer);
  if (kept.length > 0) answer(inOrderOf(batch.work.requests, kept));
  const { costMs, uselessMs, failed, unrun } = outcome;
  const lost = (await Promise.all(deliveries)).flat();
  const returned = lost.length === 0 ? outcome.returned : [...outcome.returned, ...lost.map(runName)];
  return { costMs, uselessMs, returned, failed, unrun };
}

/** Answers in the order of their requests: runs of a batch may end in another. */
function inOrderOf(requests: readonly RunName[], frames: readonly Frame[]): Frame[] {
  const keyOf = ({ reply, id }: RunName): string => `${reply} ${id}`;
  const places = new Map(requests.map((request, place) => [keyOf(request), place]));
  const placeOf = (frame: Frame): number => places.get(keyOf(frame)) ?? 0;
  return frames.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/**
 * Prepares the batch while it waits for its engine, and runs it. It has its place among those that wait from the start: while it is
 * prepared, in turns with what else there is to do, nobody comes before it. Without an engine it is given back.
 */
async function runInSlot(
  batch: OpenBatch,
  { model, slots, roundTrip, notStarted, ended: signal, clock, onEvent }: HandleBatchOptions,
  answer: (frames: readonly Frame[]) => void,
): Promise<BatchOutcome> {
  const { requests } = batch.work;
  const unrun = (): BatchOutcome => ({
    costMs: 0,
    uselessMs: 0,
    returned: requests.map(runName),
    failed: [],
    unrun: [],
  });
  let known: EngineLease | undefined;
  const granting = slots.acquire(model.name, notStarted).then(
    (granted) => (known = granted),
    () => undefined,
  );
  // An engine that is granted at once is known before anything is prepared.
  await Promise.resolve();
  const engineFreeMs = (): number =>
    known === undefined ? slots.freeMs(model.name) : (known.before?.endsMs ?? Infinity);
  const prepared = prepareBatch(batch, { model, clock, engineFreeMs });
  const plan = await prepared.catch((fault: unknown) => {
    // A mistake of this program, which whoever called hears of; the engine is not to blame.
    void granting.then((granted) => granted?.[Symbol.dispose]());
    throw fault;
  });
  const granted = await granting;
  if (granted === undefined) return unrun();
  using lease = granted;
  if (notStarted.aborted) return unrun();
  const onBegun = (): void => {
    const earlyMs = lease.isAwaited ? clock.monotonicMs() - batch.arrivedMs : 0;
    onEvent({
      type: "batchStarted",
      batchId: batch.work.batchId,
      model: model.name,
      earlyMs,
      isBoundEarly: isBoundEarly(earlyMs, roundTrip),
    });
  };
  return await runBatch(plan, { batch, model, lease, clock, signal, answer, onBegun, onEvent });
}

interface GenerateBatchOptions extends HandleBatchOptions {
  readonly generation: Generation;
}

/** Runs the prompts of a batch as sequences of their own, beside those of others. */
async function generateBatch(batch: OpenBatch, options: GenerateBatchOptions): Promise<BatchOutcome> {
  const { model, delivery } = options;
  const { name, version } = model;
  const outcomes = await Promise.all(
    batch.work.requests.map(async (request) => {
      const outcome = await runSequence(request, {
        ...options,
        batch,
        model: name,
        openStream: (onGone) => delivery.openStream({ model: name, version, id: request.id, onGone }),
      });
      return { name: runName(request), ...outcome };
    }),
  );
  const namesOf = (wanted: SequenceOutcome["end"]): RunName[] =>
    outcomes.filter(({ end }) => end === wanted).map((outcome) => outcome.name);
  return {
    costMs: outcomes.reduce((total, { costMs }) => total + costMs, 0),
    uselessMs: 0,
    returned: namesOf("returned"),
    failed: namesOf("failed"),
    unrun: namesOf("unrun"),
  };
}
