import type { Engine } from "../engine.ts";
import { createProductBatcher } from "./product-batcher.ts";
import { serveCell } from "./scenarios/cells.ts";

/** A pool under Poisson arrivals, as a benchmark with real processes sets it up too. */
export interface GoodputCell {
  readonly engine: Engine;
  readonly workerCount: number;
  readonly ratePerSecond: number;
  readonly timeoutMs: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seed: number;
}

/** Requests sent in a second, after the warm-up, whose callers have their answer in time. */
export function simulateGoodput(cell: GoodputCell): number {
  const { engine, warmUpMs, measuredMs } = cell;
  const curve = { fixedMs: engine.runMs, perElementMs: engine.requestMs, perPairMs: 0 };
  const untilMs = warmUpMs + measuredMs;
  const record = serveCell({
    ...cell,
    batcher: createProductBatcher(curve),
    engine: { curve, maxBatchItems: engine.maxBatchItems, noiseCv: 0.02, slowdowns: [] },
    cv: 1,
    untilMs,
  });
  return (1000 * record.onTimeCount({ fromMs: warmUpMs, untilMs })) / measuredMs;
}
