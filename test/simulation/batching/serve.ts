import { createRandom } from "@sluice/load-generator";
import { createEventLoop } from "../event-loop.ts";
import type { Load } from "../load.ts";
import { startLoads } from "../loads.ts";
import type { Batcher } from "./batcher.ts";
import type { ServingEngine } from "./serving-engine.ts";
import { createServingPool } from "./serving-pool.ts";
import { createServingRecorder, type ServingRecord } from "./serving-record.ts";
import { createServingWorker, type WorkerLatency } from "./serving-worker.ts";

/** One pool that batches, under load, as data. The same experiment gives the same record in every run. */
export interface ServingExperiment {
  readonly batcher: Batcher;
  readonly engine: ServingEngine;
  readonly workerCount: number;
  /** What a worker knows of its times when it starts. */
  readonly createLatency: () => WorkerLatency;
  readonly restarts?: readonly Restart[];
  /** None of them a backlog: what left the queue is not made up for. */
  readonly loads: readonly Load[];
  /** When the loads end at the latest. What waits then is still served. */
  readonly untilMs: number;
  readonly seed: number;
}

/** A worker ends what it runs, goes, and comes back with nothing but what it is calibrated to. */
export interface Restart {
  readonly worker: number;
  readonly atMs: number;
  readonly awayMs: number;
}

/** A message within a rack, with what reads it. */
const oneWayMs = 0.25;
/** Added to the round trip when a worker asks: what the owner and its own thread need. */
const askMarginMs = 0.5;
/** Random numbers of workers: far from those of the loads. */
const firstWorkerStream = 1_000_000;

/**
 * Runs an experiment to its end.
 * @throws {Error} for a backlog, and for the restart of a worker that does not exist.
 */
export function serve(experiment: ServingExperiment): ServingRecord {
  const { batcher, engine, workerCount, createLatency, restarts = [], loads, untilMs, seed } = experiment;
  if (loads.some(({ demand }) => demand.kind === "backlog")) throw new Error("a load is a backlog");
  const loop = createEventLoop();
  const recorder = createServingRecorder();
  const pool = createServingPool({
    loop,
    batcher,
    maxBatchItems: engine.maxBatchItems,
    oneWayMs,
    onBatch: ({ entries, reason }) => {
      if (entries.length > 0) recorder.planned(reason);
    },
    onAnswered: ({ entries, answeredMs }) => {
      for (const request of entries) recorder.answered(request, answeredMs);
    },
  });
  const workers = Array.from({ length: workerCount }, (_, index) =>
    createServingWorker({
      name: `w${index}`,
      loop,
      random: createRandom(seed, firstWorkerStream + index),
      engine,
      leadMs: 2 * oneWayMs + askMarginMs,
      oneWayMs,
      owner: pool,
      onRun: recorder.ran,
    }),
  );
  for (const worker of workers) worker.start(createLatency());
  for (const { worker: index, atMs, awayMs } of restarts) {
    const worker = workers[index];
    if (worker === undefined) throw new Error(`no worker ${index}; there are ${workerCount}`);
    loop.at(atMs, () => {
      worker.stop();
      pool.forget(worker);
    });
    loop.at(atMs + awayMs, () => worker.start(createLatency()));
  }
  startLoads({
    loop,
    loads,
    untilMs,
    seed,
    onArrived: (requests) => {
      for (const request of requests) recorder.sent(request);
      pool.add(requests);
    },
  });
  loop.run();
  return recorder;
}
