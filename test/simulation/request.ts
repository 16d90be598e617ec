import type { QueueEntry } from "@sluice/scheduling";

/** A request as the simulation knows it: what the queue reads, and what its engine time and its measurement depend on. */
export interface SimulatedRequest extends QueueEntry {
  /** Index of the load it belongs to. */
  readonly load: number;
  /** The gateway it came through. */
  readonly gateway: string;
  /** When its caller sent it. */
  readonly sentMs: number;
  /** When it reached the queue. */
  readonly arrivedMs: number;
  /** Multiplies the engine's time per request. */
  readonly costFactor: number;
}
