import type { Timings } from "@sluice/protocol";
import type { StageTimes } from "../measure/load-order.ts";

/** Every so many results one is looked at, so that the meter itself costs next to nothing. */
const sampleEvery = 16;

/** Splits the time of calls by the timings of their results. */
export interface StageMeter {
  add(timings: Timings): void;
  /** Means since this was asked last; undefined when no result was looked at. */
  take(): StageTimes | undefined;
}

export function createStageMeter(): StageMeter {
  let seenCount = 0;
  let sampleCount = 0;
  let queueMs = 0;
  let batchMs = 0;
  let transferMs = 0;
  let engineMs = 0;
  let totalMs = 0;

  return {
    add(timings) {
      if (seenCount++ % sampleEvery !== 0) return;
      sampleCount += 1;
      queueMs += timings.queuedMs;
      batchMs += timings.batchMs;
      transferMs += timings.transferMs;
      engineMs += timings.inferenceMs;
      totalMs += timings.totalMs;
    },
    take() {
      if (sampleCount === 0) return undefined;
      const stages = {
        queue: queueMs / sampleCount,
        batch: batchMs / sampleCount,
        transfer: transferMs / sampleCount,
        engine: engineMs / sampleCount,
        return: (totalMs - queueMs - batchMs - transferMs - engineMs) / sampleCount,
      };
      seenCount = sampleCount = queueMs = batchMs = transferMs = engineMs = totalMs = 0;
      return stages;
    },
  };
}
