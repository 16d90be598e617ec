import type { Metrics } from "@sluice/runtime";

import { createShapeCounts } from "./shape-counts.ts";
import type { RunRows, WorkerEvent } from "./worker-event.ts";

/** Powers of two: batch sizes of every model and device. */
const itemBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** A sequence that comes while a step runs waits for one. */
const stepBuckets = [0, 1, 2, 4, 8, 16, 32, 64];

/** From a tiny model's run to one that hurts the others, in seconds. */
const secondBuckets = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

/** Around the round trip that a batch may be early, in seconds. */
const earlyBuckets = [0, 0.0001, 0.0003, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.01, 0.03, 0.1];

const msPerSecond = 1000;

/** Registers the metrics of a worker; what it returns takes the worker's events. */
export function createWorkerMetrics(metrics: Metrics): (event: WorkerEvent) => void {
  const batches = metrics.counter({
    name: "sluice_worker_batches_total",
    help: "Batches completed, refused or received twice.",
    labelNames: ["model", "outcome"],
  });
  const batchSize = metrics.histogram({
    name: "sluice_worker_run_items",
    help: "Items in one run of an engine, sequences in one decode step.",
    labelNames: ["model"],
    buckets: itemBuckets,
  });
  const elements = metrics.counter({
    name: "sluice_worker_elements_total",
    help: "Elements of the rows that engines were given, padding included.",
    labelNames: ["model"],
  });
  const padded = metrics.counter({
    name: "sluice_worker_padding_elements_total",
    help: "Elements that only filled: behind texts shorter than the longest of their run, and in rows that fill a fixed batch size.",
    labelNames: ["model"],
  });
  const shapes = metrics.gauge({
    name: "sluice_worker_run_shapes",
    help: "Different shapes, rows by length, that the engines of a model were given.",
    labelNames: ["model"],
  });
  const seen = createShapeCounts();
  const inference = metrics.histogram({
    name: "sluice_worker_inference_seconds",
    help: "Time an engine took for one run or decode step.",
    labelNames: ["model"],
    buckets: secondBuckets,
  });
  const transfer = metrics.histogram({
    name: "sluice_worker_transfer_seconds",
    help: "Time between the main thread and the engine thread, both ways, for one run.",
    labelNames: ["model"],
    buckets: secondBuckets,
  });
  const useless = metrics.counter({
    name: "sluice_worker_useless_requests_total",
    help: "Requests that were run though nobody waited for them any more: late, or canceled.",
    labelNames: ["model", "reason"],
  });
  const uselessTime = metrics.counter({
    name: "sluice_worker_useless_seconds_total",
    help: "Their part of the time of engines.",
    labelNames: ["model", "reason"],
  });
  const requests = metrics.counter({
    name: "sluice_worker_requests_total",
    help: "Requests by how they ended here: a code, returned (given back) or failed (to be run again in smaller batches).",
    labelNames: ["model", "code"],
  });
  const frames = metrics.counter({
    name: "sluice_worker_frames_total",
    help: "Frames by what became of them: published to their callers, delivered to the results service, or lost because none acknowledged them.",
    labelNames: ["outcome"],
  });
  const resent = metrics.counter({
    name: "sluice_worker_packs_resent_total",
    help: "Times that a pack of frames was sent again.",
  });
  const pending = metrics.gauge({
    name: "sluice_worker_packs_pending",
    help: "Packs of frames that no results service has acknowledged yet.",
  });
  const credits = metrics.counter({
    name: "sluice_worker_credits_total",
    help: "Credits sent: offers ask for work, reports only tell what was done.",
    labelNames: ["kind"],
  });
  const sequences = metrics.gauge({
    name: "sluice_worker_sequences",
    help: "Sequences that run or are parked.",
    labelNames: ["model"],
  });
  const joining = metrics.histogram({
    name: "sluice_worker_sequence_joining_steps",
    help: "Decode steps that ended before a sequence was in one.",
    labelNames: ["model"],
    buckets: stepBuckets,
  });
  const tokens = metrics.counter({
    name: "sluice_worker_tokens_total",
    help: "Tokens by kind: read of prompts, or generated.",
    labelNames: ["model", "kind"],
  });
  const parked = metrics.counter({
    name: "sluice_worker_streams_parked_total",
    help: "Times that a stream had to wait for its reader.",
    labelNames: ["model"],
  });
  const models = metrics.gauge({
    name: "sluice_worker_engines",
    help: "Engines that were loaded and have not died.",
    labelNames: ["model"],
  });

  const early = metrics.histogram({
    name: "sluice_worker_early_bind_seconds",
    help: "How long before an engine was free a batch arrived; 0 = one was free.",
    labelNames: ["model"],
    buckets: earlyBuckets,
  });
  const boundEarly = metrics.counter({
    name: "sluice_worker_batches_bound_early_total",
    help: "Batches that were bound more than a round trip and 1 ms before an engine was free.",
    labelNames: ["model"],
  });
  const calibration = metrics.gauge({
    name: "sluice_worker_calibration_seconds",
    help: "Time that the last measurement of a model took.",
    labelNames: ["model"],
  });
  const drift = metrics.gauge({
    name: "sluice_worker_latency_drift_ratio",
    help: "How many times as long runs take now as when the model was measured.",
    labelNames: ["model"],
  });
  const margin = metrics.gauge({
    name: "sluice_worker_latency_margin_ratio",
    help: "How many times as long as predicted nineteen of twenty runs take at most.",
    labelNames: ["model"],
  });
  const curve = metrics.gauge({
    name: "sluice_worker_latency_curve_seconds",
    help: "The latency curve: fixed, per element, and per pair of elements of a row.",
    labelNames: ["model", "part"],
  });
  const outgrown = metrics.counter({
    name: "sluice_worker_latency_outgrown_total",
    help: "Times that runs took more than 4 times as long, or short, as when the model was measured.",
    labelNames: ["model"],
  });

  const observeRows = (model: string, rows: RunRows): void => {
    const given = rows.rowCount * rows.length;
    elements.labels(model).inc(given);
    padded.labels(model).inc(given - rows.elements);
    const shapeCount = seen.count(model, rows);
    if (shapeCount !== undefined) shapes.set({ model }, shapeCount);
  };

  return (event) => {
    switch (event.type) {
      case "modelLoaded":
        models.set({ model: event.model }, event.engineCount);
        return;
      case "modelCalibrated":
        calibration.set({ model: event.model }, event.tookMs / msPerSecond);
        return;
      case "latencyChanged":
        drift.set({ model: event.model }, event.drift);
        margin.set({ model: event.model }, event.margin);
        curve.set({ model: event.model, part: "fixed" }, event.curve.fixedMs / msPerSecond);
        curve.set({ model: event.model, part: "element" }, event.curve.perElementMs / msPerSecond);
        curve.set({ model: event.model, part: "pair" }, event.curve.perPairMs / msPerSecond);
        return;
      case "latencyOutgrown":
        outgrown.labels(event.model).inc();
        return;
      case "batchStarted":
        early.observe({ model: event.model }, event.earlyMs / msPerSecond);
        boundEarly.labels(event.model).inc(event.isBoundEarly ? 1 : 0);
        return;
      case "modelFailed":
        models.set({ model: event.model }, 0);
        return;
      case "engineLost":
        models.dec({ model: event.model });
        return;
      case "engineReplaced":
        models.inc({ model: event.model });
        return;
      case "batchCompleted":
        batches.labels(event.model, "completed").inc();
        requests.labels(event.model, "returned").inc(event.returnedCount);
        requests.labels(event.model, "failed").inc(event.failedCount);
        return;
      case "batchRefused":
        batches.labels(event.model, "refused").inc();
        return;
      case "batchRepeated":
        batches.labels(event.model, "repeated").inc();
        return;
      case "engineRan":
        if (event.shape !== undefined) observeRows(event.model, event.shape);
        batchSize.observe({ model: event.model }, event.items);
        inference.observe({ model: event.model }, event.inferenceMs / msPerSecond);
        transfer.observe({ model: event.model }, event.transferMs / msPerSecond);
        return;
      case "uselessRun":
        useless.labels(event.model, event.reason).inc(event.requestCount);
        uselessTime.labels(event.model, event.reason).inc(event.costMs / msPerSecond);
        return;
      case "sequenceJoined":
        sequences.inc({ model: event.model });
        joining.observe({ model: event.model }, event.waitedSteps);
        return;
      case "sequenceLeft":
        sequences.dec({ model: event.model });
        return;
      case "stepRan":
        tokens.labels(event.model, "prompt").inc(event.promptTokens);
        tokens.labels(event.model, "generated").inc(event.generatedTokens);
        return;
      case "requestsAnswered":
        for (const [code, count] of event.codes) requests.labels(event.model, code).inc(count);
        return;
      case "packPublished":
        frames.labels("published").inc(event.frameCount);
        return;
      case "packSent":
        pending.inc();
        return;
      case "packDelivered":
        pending.dec();
        frames.labels("delivered").inc(event.frameCount);
        resent.inc(event.attemptCount - 1);
        return;
      case "packLost":
        pending.dec();
        frames.labels("lost").inc(event.frameCount);
        return;
      case "creditSent":
        credits.labels(event.models.length > 0 ? "offer" : "report").inc();
        return;
      case "streamParked":
        parked.labels(event.model).inc();
        return;
      case "stateChanged":
      case "epochChanged":
      case "calibrationSkipped":
      case "batchReceived":
      case "engineFailed":
        return;
    }
  };
}
