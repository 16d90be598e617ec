import { setMaxListeners } from "node:events";

import type { Engine } from "@sluice/engine";
import type { Messaging } from "@sluice/messaging";
import type { PoolEvent } from "@sluice/protocol";
import { encodeWorkerProfile, InferenceError, subjects } from "@sluice/protocol";
import type { Clock, Logger } from "@sluice/runtime";
import { createId } from "@sluice/runtime";

import { handleBatch } from "./batch/handle-batch.ts";
import type { OpenBatch } from "./batch/open-batch.ts";
import { createOpenBatches } from "./batch/open-batches.ts";
import type { WorkerConfig } from "./config.ts";
import { createBatchesAhead } from "./credits/batches-ahead.ts";
import { createCreditLoop } from "./credits/credit-loop.ts";
import { createRoundTrip } from "./credits/round-trip.ts";
import { createDelivery } from "./delivery/delivery.ts";
import { createPackSender } from "./delivery/pack-sender.ts";
import { createStepLoops } from "./generate/step-loops.ts";
import { createProfilePublisher } from "./latency/profile-publisher.ts";
import { startRecalibration } from "./latency/recalibration.ts";
import type { ModelHost } from "./models/model-host.ts";
import type { ServedModel } from "./models/served-model.ts";
import { watchPool } from "./presence/pool-watch.ts";
import { createEngineSlots } from "./slots/engine-slots.ts";
import { createWorkIntake } from "./work-intake.ts";
import type { WorkerEvent } from "./worker-event.ts";

/** A worker between loading its models and closing them: it takes batches and answers them. */
export interface Serving {
  /** Epoch of the pool's owner; 0 = none heard of. */
  readonly epoch: number;
  /** Batches that were not reported yet. */
  readonly batchIds: readonly string[];
  /** What each of them has cost so far, as far as known. */
  readonly costsMs: readonly number[] | undefined;
  /** Tells the owner again what it may have forgotten: the models and the open credits. */
  introduce(): void;
  /**
   * Takes no more work and gives back what has not started; lets what runs end, and from `graceMs` on ends it after the
   * engine's present run. Resolves once every result was acknowledged and every batch reported.
   */
  drain(graceMs: number): Promise<void>;
  /** Stops at once, for a worker that cannot go on: nothing is given back, others find out by its silence. */
  abandon(): void;
}

export interface ServingOptions {
  readonly config: WorkerConfig;
  readonly pool: string;
  readonly host: ModelHost;
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly log: Logger;
  /** Called with a mistake of this program; the worker cannot go on. */
  readonly onFault: (fault: unknown) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Packs that may be on their way for each slot before no more work is asked for. */
const pendingPacksPerSlot = 4;

/** Starts to serve: announces the models, then asks for work. */
export function startServing(options: ServingOptions): Serving {
  const { config, pool, host, messaging, clock, onEvent } = options;
  const { workerId: worker, slotCount } = config;
  const stopping = new InferenceError("unavailable", "the worker is stopping");
  const notStarted = new AbortController();
  const ended = new AbortController();
  // Every sequence listens to both while it is here: more than the ten that Node takes for a leak.
  setMaxListeners(0, notStarted.signal, ended.signal);
  const running = new Set<Promise<void>>();
  const batches = createOpenBatches();
  const roundTrip = createRoundTrip();

  const profile = createProfilePublisher({
    ...options,
    models: host.models,
    send: (served) => {
      const message = { worker, device: config.provider, ...served };
      messaging.publish(subjects.profile(pool, worker), encodeWorkerProfile(message));
    },
  });
  const poolWatch = watchPool({
    pool,
    messaging,
    onEpoch: (epoch) => {
      onEvent({ type: "epochChanged", epoch });
      profile.publish();
      credits.announce();
    },
    onEvent: (event) => {
      if (!isListed(event, host)) profile.publish();
    },
  });
  const onRetired = (name: string): void => {
    const model = host.get(name);
    if (model !== undefined) host.replace(name, (engine) => addEngine(model, engine));
  };
  const ahead = createBatchesAhead();
  const { counts } = ahead;
  const slots = createEngineSlots({ slotCount, ahead: counts, onChange: () => credits.wake(), onRetired });
  const loops = createStepLoops({ clock, onChange: () => credits.wake(), onRetired, onEvent });
  const addEngine = ({ name, generation }: ServedModel, engine: Engine): void => {
    if (generation === undefined) slots.add(name, engine);
    else loops.add(name, engine, generation.limits);
  };
  const sender = createPackSender({
    ...options,
    worker,
    onSettled: () => credits.wake(),
  });
  const delivery = createDelivery({
    sender,
    messaging,
    clock,
    maxPendingPacks: pendingPacksPerSlot * slotCount,
    onRoom: () => credits.wake(),
    onEvent,
  });
  const credits = createCreditLoop({
    ...options,
    worker,
    idPrefix: createId(),
    epoch: () => poolWatch.epoch,
    forecast: slots.forecast,
    rooms: loops.rooms,
    roundTrip,
    hasRoom: () => delivery.hasRoom,
    maxBatchSize: (model) => host.get(model)?.signature.maxBatchSize ?? 0,
    openRuns: batches.openRuns,
    publishResults: () => delivery.publishDue(),
  });

  const runBatch = async (batch: OpenBatch, model: ServedModel): Promise<void> => {
    const signals = { notStarted: notStarted.signal, ended: ended.signal };
    const done = await handleBatch(batch, {
      model,
      slots,
      loops,
      delivery,
      clock,
      roundTrip,
      onEvent,
      ...signals,
    });
    batches.close(batch);
    ahead.note(model.name, done.costMs);
    profile.check(model);
    credits.report(done, batch.work.isReportAwaited);
  };
  const intake = createWorkIntake({
    ...options,
    batches,
    epoch: () => poolWatch.epoch,
    isDraining: () => notStarted.signal.aborted,
    modelOf: host.get,
    takeCredit: credits.take,
    onRefused: credits.resend,
    accept: (batch, model) => {
      recalibration.interrupt();
      const run = runBatch(batch, model).catch(options.onFault);
      running.add(run);
      void run.then(() => running.delete(run));
    },
  });

  const work = messaging.subscribe(subjects.workAll(worker), intake);
  profile.publish();
  for (const model of host.models) for (const engine of model.engines) addEngine(model, engine);
  credits.start();
  const recalibration = startRecalibration({
    ...options,
    models: host.models,
    slots,
    calibrationMs: config.calibrationMs,
    isIdle: () => batches.ids.length === 0,
    onCalibrated: profile.check,
  });

  return {
    get epoch() {
      return poolWatch.epoch;
    },
    get batchIds() {
      return batches.ids;
    },
    get costsMs() {
      return batches.costsMs;
    },
    introduce: () => {
      profile.publish();
      credits.resend();
    },
    abandon: () => {
      notStarted.abort(stopping);
      ended.abort(stopping);
      work.unsubscribe();
      profile[Symbol.dispose]();
      void recalibration.close();
      poolWatch[Symbol.dispose]();
      credits.stop();
      credits.close();
      delivery[Symbol.dispose]();
    },
    drain: async (graceMs) => {
      credits.stop();
      notStarted.abort(stopping);
      using _grace = clock.schedule(graceMs, () => ended.abort(stopping));
      await Promise.all([...running, recalibration.close()]);
      await loops.idle();
      profile[Symbol.dispose]();
      credits.close();
      poolWatch[Symbol.dispose]();
      // Closing the connection sends what is left; while it is lost there is nobody to send it to.
      await work.drain();
      delivery[Symbol.dispose]();
    },
  };
}

/** Whether the owner knows a worker for every model of this one. */
function isListed(event: PoolEvent, host: ModelHost): boolean {
  const listed = new Set(event.models.filter((model) => model.workerCount > 0).map((model) => model.name));
  return host.models.every((model) => listed.has(model.name));
}
