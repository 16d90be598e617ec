import { curveMs } from "../latency/latency-curve.ts";
import { boundMs, type LatencyProfile } from "../latency/latency-profile.ts";
import { batchOverheadMs, bearableItems, worthwhileItems } from "./batch-size.ts";
import type { RunLengths } from "./planned-timeout.ts";

export interface RunLengthOptions {
  /** Of the rows, in elements. */
  readonly length: number;
  /** The most there may be. */
  readonly maxItems: number;
  /** Workers that are busy, with the one that asks. */
  readonly workerCount: number;
  /** Workers that all that comes for the model would keep busy; 0 where that is not known. */
  readonly neededCount: number;
  /** What passes between the end of a run and the callers having their answers. */
  readonly overheadMs: number;
}

/**
 * How long batches of a model may run. Who comes when one starts waits until the next of the workers is free, and has to be in time
 * then: with N of them all batches may take N / (N + 1) of what callers allow. Where more comes than they can do, those who came
 * last fill the next batch alone: then it is by as many workers as it would take. But who comes alone is in time in any case.
 */
export function runLengths(profile: LatencyProfile, options: RunLengthOptions): RunLengths {
  const { length, maxItems, workerCount, neededCount, overheadMs } = options;
  const { curve, margin } = profile;
  const mostItems = worthwhileItems(curve, { length, maxItems });
  const mostMs = boundMs(profile, { items: mostItems, length });
  const aloneMs = boundMs(profile, { items: 1, length }) + overheadMs;
  const itemMs = curveMs(curve, { items: 1, length }) - curve.fixedMs;
  return {
    leastMs: boundMs(profile, { items: bearableItems(curve, { length, maxItems }), length }),
    wantedMs: (timeoutMs) => {
      const sharedMs = partLeft(timeoutMs, workerCount);
      const neededMs = partLeft(timeoutMs, neededCount);
      return Math.max(sharedMs, Math.min(neededMs, timeoutMs - aloneMs));
    },
    itemsPerMs: (runMs) => {
      const items = runMs >= mostMs ? mostItems : Math.max(1, (runMs / margin - curve.fixedMs) / itemMs);
      return items / (curveMs(curve, { items, length }) + batchOverheadMs);
    },
    // Whenever he comes, the next worker is free after a random part of what lies between two.
    inTimePart: (leftMs, runMs) =>
      Math.min(1, Math.max(0, ((leftMs - overheadMs) * workerCount) / Math.min(runMs, mostMs))),
  };
}

function partLeft(timeoutMs: number, count: number): number {
  return timeoutMs === Infinity ? Infinity : (timeoutMs * count) / (count + 1);
}
