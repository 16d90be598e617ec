import type { BatchAsk, PlannedBatch } from "@sluice/scheduling";
import type { SimulatedRequest } from "../request.ts";

/** Forms the batches of a simulated pool: the product's own classes, or what they are compared with. Time is an argument. */
export interface Batcher {
  add(request: SimulatedRequest, nowMs: number): void;
  /** The next batch for a worker, and whom it gives up. */
  next(ask: BatchAsk, nowMs: number): PlannedBatch<SimulatedRequest>;
  /** When `next` may answer otherwise although nothing else happens; Infinity if it will not. */
  nextDueMs(): number;
  /** Notes that the owner knows of a batch that ended. */
  ended(batch: EndedBatch): void;
  /** Forgets a worker that is gone. */
  forget(worker: string): void;
}

/** A batch that a worker has run. */
export interface EndedBatch extends PlannedBatch<SimulatedRequest> {
  readonly worker: string;
  /** How long the engine ran. */
  readonly tookMs: number;
  /** When its callers had their answers. */
  readonly answeredMs: number;
}
