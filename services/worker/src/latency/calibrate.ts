import type { Engine } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import {
  calibrateCurve,
  curveMs,
  type LatencyCurve,
  type RunSample,
  type RunShape,
} from "@sluice/scheduling";

import { inputShape } from "./input-shape.ts";
import { madeUpBytes, madeUpInputs, madeUpLayouts } from "./made-up-inputs.ts";
import type { SweepLimits } from "./sweep-shapes.ts";
import { sweepShapes } from "./sweep-shapes.ts";

/** What a sweep found. */
export interface Calibration {
  readonly curve: LatencyCurve;
  /** Shapes that were measured. */
  readonly shapeCount: number;
  readonly tookMs: number;
}

export interface CalibrateOptions extends SweepLimits {
  readonly clock: Clock;
  /** Time that runs must be expected to end within to be begun, in milliseconds; the smallest shape is measured in any case. */
  readonly budgetMs: number;
  /** Ends the sweep before its next run, for an engine that has something better to do. */
  readonly signal: AbortSignal;
}

/** Measured runs of each shape, after a first one that pays for allocation. */
const runsPerShape = 2;

/** Most bytes of the inputs of a run: the largest message that a nats-server can be told to take. No batch of tensors brings more; rows made of texts are far smaller. */
const mostInputBytes = 64 * 1024 * 1024;

/**
 * Measures an engine with made-up inputs, small shapes first. Shapes that the model cannot take are left out.
 * @returns `undefined` when it can take none, or `signal` aborted.
 * @throws {InferenceError} `unavailable` when the engine died.
 */
export async function calibrate(engine: Engine, options: CalibrateOptions): Promise<Calibration | undefined> {
  const { clock, budgetMs, signal } = options;
  const { signature } = engine;
  const { fixedBatchSize } = signature;
  const startedMs = clock.monotonicMs();
  const samples: RunSample[] = [];
  let shapeCount = 0;

  /** Whether a run of the shape would end in time, judged by what was measured so far. */
  const hasTimeFor = (shape: RunShape): boolean => {
    if (samples.length === 0) return true;
    const leftMs = budgetMs - (clock.monotonicMs() - startedMs);
    return curveMs(calibrateCurve(samples), shape) <= leftMs;
  };

  for (const wanted of sweepShapes(options)) {
    const layouts = madeUpLayouts(signature, { ...wanted, items: fixedBatchSize ?? wanted.items });
    if (madeUpBytes(layouts) > mostInputBytes) continue;
    const shape = inputShape(signature, layouts);
    let measuredCount = 0;
    try {
      for (let run = 0; run <= runsPerShape; run++) {
        if (signal.aborted || !hasTimeFor(shape)) break;
        const { inferenceMs, transferMs } = await engine.run(madeUpInputs(layouts));
        if (run === 0) continue;
        const ms = inferenceMs + transferMs;
        samples.push({ shape, ms });
        // Fewer items take as long.
        if (fixedBatchSize !== undefined) samples.push({ shape: { ...shape, items: 1 }, ms });
        measuredCount += 1;
      }
    } catch (thrown) {
      const error = InferenceError.from(thrown);
      if (error.code === "unavailable") throw error;
    }
    if (measuredCount > 0) shapeCount += 1;
  }
  if (samples.length === 0 || signal.aborted) return undefined;
  return { curve: calibrateCurve(samples), shapeCount, tookMs: clock.monotonicMs() - startedMs };
}
