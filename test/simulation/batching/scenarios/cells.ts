import type { Arrivals } from "@sluice/load-generator";
import type { Lengths } from "../../lengths.ts";
import { aLoad, type Load } from "../../load.ts";
import type { Batcher } from "../batcher.ts";
import { calibrated } from "../latencies.ts";
import { serve, type ServingExperiment } from "../serve.ts";
import { largestBatchRate, type ServingEngine } from "../serving-engine.ts";
import type { ServingRecord } from "../serving-record.ts";

/** The engine that the bars are stated for: 5 ms for a run and 1 ms for each item of it, with a little noise. */
export const plainEngine: ServingEngine = {
  curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 },
  maxBatchItems: 32,
  noiseCv: 0.02,
  slowdowns: [],
};

export const workerCount = 4;
export const sloMs = 50;

/** Requests that the workers of a pool answer in a second with the largest batches of the plain engine. */
export const plainCapacity = workerCount * largestBatchRate(plainEngine);

/** Workers settle at first: those requests are not measured. */
export const measured = { fromMs: 1000, untilMs: Infinity };

/** Poisson for a coefficient of variation of 1, Gamma for others. */
export function arrivalsOf(ratePerSecond: number, cv: number): Arrivals {
  return cv === 1 ? { kind: "poisson", ratePerSecond } : { kind: "gamma", ratePerSecond, cv };
}

/** A pool under one load, with what may differ from 4 workers of the plain engine that know their calibration. */
export interface Cell extends Partial<ServingExperiment> {
  readonly batcher: Batcher;
  readonly ratePerSecond: number;
  readonly cv: number;
  readonly untilMs: number;
  readonly seed: number;
  readonly timeoutMs?: number;
  readonly lengths?: Lengths;
  /** Lengths that workers calibrate themselves at. */
  readonly sweepLengths?: readonly number[];
}

/** Runs a cell to its end. */
export function serveCell(cell: Cell): ServingRecord {
  const {
    ratePerSecond,
    cv,
    timeoutMs = sloMs,
    lengths = { kind: "equal", length: 1 },
    sweepLengths = [1],
    engine = plainEngine,
  } = cell;
  const load: Load = aLoad({ tenant: "a", demand: arrivalsOf(ratePerSecond, cv), timeoutMs, lengths });
  return serve({
    workerCount,
    engine,
    createLatency: () => calibrated(engine, sweepLengths, cell.seed),
    loads: [load],
    ...cell,
  });
}
