import type { Random } from "@sluice/runtime";
import type { LatencyModel, PlannedBatch, RunShape } from "@sluice/scheduling";
import type { EventLoop } from "../event-loop.ts";
import type { SimulatedRequest } from "../request.ts";
import type { EndedBatch } from "./batcher.ts";
import { drawRunMs, workEndMs, type ServingEngine } from "./serving-engine.ts";

/** What a worker knows of its own times. */
export type WorkerLatency = Pick<LatencyModel, "profile" | "observe" | "predictMs">;

/** A worker with one engine: it asks for its next batch shortly before the running one is predicted to end. */
export interface ServingWorker {
  readonly name: string;
  /** Begins to ask, knowing this of its times: at first, and after each time it was stopped. */
  start(latency: WorkerLatency): void;
  /** Takes a batch that arrives, to be run as one, after the one that runs. */
  receive(batch: PlannedBatch<SimulatedRequest>): void;
  /** Ends asking; what runs or is on its way is run. */
  stop(): void;
}

/** The owner, as far away as a message takes. */
export interface ServingOwner {
  /** The worker takes one more batch, and is free in so long. */
  onCredit(worker: ServingWorker, freeInMs: number): void;
  onEnded(batch: EndedBatch): void;
  /** The worker knows something else of its times. */
  onLatency(worker: ServingWorker, latency: WorkerLatency): void;
}

export interface ServingWorkerOptions {
  readonly name: string;
  readonly loop: EventLoop;
  readonly random: Random;
  readonly engine: ServingEngine;
  /** How long before its free time a worker asks: what a credit and its batch take on their way, and a margin. */
  readonly leadMs: number;
  readonly oneWayMs: number;
  readonly owner: ServingOwner;
  /** Called when a run begins. */
  readonly onRun: (entries: readonly SimulatedRequest[]) => void;
}

export function createServingWorker(options: ServingWorkerOptions): ServingWorker {
  const { name, loop, random, engine, leadMs, oneWayMs, owner, onRun } = options;
  let latency: WorkerLatency | undefined;
  /** One batch that arrived while another ran. */
  let next: PlannedBatch<SimulatedRequest> | undefined;
  let isRunning = false;
  /** Whether a credit is open, or its batch on its way or waiting. */
  let hasAsked = false;
  let runCount = 0;

  const tell = (action: () => void): void => loop.at(loop.nowMs + oneWayMs, action);

  const ask = (freeInMs: number): void => {
    if (latency === undefined || hasAsked) return;
    hasAsked = true;
    tell(() => owner.onCredit(worker, freeInMs));
  };

  const run = (batch: PlannedBatch<SimulatedRequest>): void => {
    const known = latency;
    const startMs = loop.nowMs;
    const shape = shapeOf(batch.entries);
    const workMs = drawRunMs(engine, shape, random);
    const endMs = workEndMs(engine.slowdowns, { startMs, workMs });
    isRunning = true;
    hasAsked = false;
    runCount += 1;
    const thisRun = runCount;
    onRun(batch.entries);
    if (known !== undefined) {
      const predictedEndMs = startMs + known.predictMs(shape);
      const askMs = Math.max(startMs, predictedEndMs - leadMs);
      if (askMs < endMs) {
        loop.at(askMs, () => {
          if (runCount === thisRun) ask(Math.max(0, predictedEndMs - loop.nowMs));
        });
      }
    }
    loop.at(endMs, () => {
      isRunning = false;
      known?.observe(shape, endMs - startMs);
      if (known !== undefined && known === latency) tell(() => owner.onLatency(worker, known));
      const answeredMs = loop.nowMs + oneWayMs;
      tell(() => owner.onEnded({ ...batch, worker: name, tookMs: endMs - startMs, answeredMs }));
      runNext();
    });
  };

  const runNext = (): void => {
    const batch = next;
    next = undefined;
    if (batch === undefined) ask(0);
    else run(batch);
  };

  const worker: ServingWorker = {
    name,
    start: (known) => {
      latency = known;
      hasAsked = false;
      owner.onLatency(worker, known);
      if (!isRunning) ask(0);
    },
    receive: (batch) => {
      if (isRunning) next = batch;
      else run(batch);
    },
    stop: () => {
      latency = undefined;
    },
  };
  return worker;
}

/** All rows are padded to the longest. */
export function shapeOf(entries: readonly SimulatedRequest[]): RunShape {
  let length = 1;
  for (const entry of entries) length = Math.max(length, entry.length);
  return { items: entries.length, length };
}
