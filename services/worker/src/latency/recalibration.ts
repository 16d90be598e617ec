import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import type { ServedModel } from "../models/served-model.ts";
import type { EngineSlots } from "../slots/engine-slots.ts";
import type { WorkerEvent } from "../worker-event.ts";
import { calibrate } from "./calibrate.ts";
import { sweepLimits } from "./measure-model.ts";

/** Measures models anew whose runs take much longer or shorter than calibrated, while the worker has nothing else to do. */
export interface Recalibration {
  /** Ends a measurement that goes on, after its present run: a batch has come. */
  interrupt(): void;
  /** Ends it for good. */
  close(): Promise<void>;
}

export interface RecalibrationOptions {
  readonly models: readonly ServedModel[];
  readonly slots: EngineSlots;
  readonly clock: Clock;
  /** See {@link calibrate}; 0 = never. */
  readonly calibrationMs: number;
  /** Whether no batch is here. */
  readonly isIdle: () => boolean;
  readonly onCalibrated: (model: ServedModel) => void;
  readonly onEvent: (event: WorkerEvent) => void;
}

/** Looks this often whether there is something to measure, in milliseconds. */
const intervalMs = 1000;

export function startRecalibration(options: RecalibrationOptions): Recalibration {
  const { models, slots, clock, calibrationMs: budgetMs, isIdle, onCalibrated, onEvent } = options;
  const told = new Set<string>();
  let sweeping: Promise<void> | undefined;
  let stop = new AbortController();

  const sweep = async (model: ServedModel): Promise<void> => {
    const { signal } = stop;
    using lease = await slots.acquire(model.name, signal);
    // It ends when a batch comes, so work is asked for all the same.
    lease.expectEnd(clock.monotonicMs());
    try {
      const calibration = await calibrate(lease.engine, { ...sweepLimits(model), clock, budgetMs, signal });
      if (calibration === undefined) return;
      model.latency.calibrate(calibration.curve);
      onEvent({ type: "modelCalibrated", model: model.name, ...calibration });
      onCalibrated(model);
    } catch (thrown) {
      lease.retire();
      onEvent({
        type: "engineFailed",
        model: model.name,
        requestCount: 0,
        error: InferenceError.from(thrown),
      });
    }
  };

  const look = (): void => {
    for (const model of models) {
      const { name, latency } = model;
      if (!latency.isOutgrown) {
        told.delete(name);
        continue;
      }
      if (!told.has(name)) {
        told.add(name);
        onEvent({ type: "latencyOutgrown", model: name, drift: latency.latency?.drift ?? 1 });
      }
      if (sweeping !== undefined || !isIdle()) continue;
      stop = new AbortController();
      // An engine that is taken meanwhile, or none: the next look tries again.
      sweeping = sweep(model)
        .catch(() => undefined)
        .finally(() => (sweeping = undefined));
    }
  };

  const timer = budgetMs === 0 ? undefined : clock.every(intervalMs, look);
  const interrupt = (): void => {
    // Every batch comes by here, and an error is dear.
    if (sweeping !== undefined) stop.abort(new InferenceError("canceled", "a batch has come"));
  };
  return {
    interrupt,
    close: async () => {
      timer?.[Symbol.dispose]();
      interrupt();
      await sweeping;
    },
  };
}
