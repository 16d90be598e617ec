import { createRandom } from "@sluice/load-generator";
import {
  calibrateCurve,
  createLatencyModel,
  curveMs,
  type LatencyCurve,
  type LatencyModel,
} from "@sluice/scheduling";
import { drawRunMs, type ServingEngine } from "./serving-engine.ts";
import type { WorkerLatency } from "./serving-worker.ts";

/** A worker that knows the mean times of its engine, and learns nothing. */
export function knowing(curve: LatencyCurve, margin: number): WorkerLatency {
  return {
    profile: { curve, margin, drift: 1 },
    observe: () => undefined,
    predictMs: (shape) => curveMs(curve, shape),
  };
}

const sweepItems = [1, 2, 4, 8, 16, 32];
const sweepRuns = 3;

/** The product's model of a worker that has measured its engine at a few shapes, as workers do when they load a model. */
export function calibrated(engine: ServingEngine, lengths: readonly number[], seed: number): LatencyModel {
  const random = createRandom(seed, 0);
  const shapes = sweepItems
    .filter((items) => items <= engine.maxBatchItems)
    .flatMap((items) => lengths.map((length) => ({ items, length })));
  const samples = shapes.flatMap((shape) =>
    Array.from({ length: sweepRuns }, () => ({ shape, ms: drawRunMs(engine, shape, random) })),
  );
  return createLatencyModel({ calibration: calibrateCurve(samples) });
}
