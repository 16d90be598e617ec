import type { SimulatedRequest } from "./request.ts";

/** How long a simulated engine runs, as a straight line over the costs in a batch. */
export interface Engine {
  /** Milliseconds of every run, whatever is in it. */
  readonly runMs: number;
  /** Milliseconds that a request of cost factor 1 adds. */
  readonly requestMs: number;
  readonly maxBatchItems: number;
}

/** An engine that runs one request at a time, for `ms` times its cost factor. */
export function oneByOne(ms: number): Engine {
  return { runMs: 0, requestMs: ms, maxBatchItems: 1 };
}

/** How long the engine runs these requests together. */
export function batchMs(engine: Engine, requests: readonly SimulatedRequest[]): number {
  return requests.reduce((sum, { costFactor }) => sum + engine.requestMs * costFactor, engine.runMs);
}

/**
 * What each request of a batch cost: the batch's time, in parts that stand to each other as the times that the requests
 * would take alone. They add up to the time of the batch.
 */
export function attribute(
  engine: Engine,
  requests: readonly SimulatedRequest[],
): { readonly request: SimulatedRequest; readonly costMs: number }[] {
  const aloneMs = (request: SimulatedRequest): number => engine.runMs + engine.requestMs * request.costFactor;
  const sumMs = requests.reduce((sum, request) => sum + aloneMs(request), 0);
  const scale = batchMs(engine, requests) / sumMs;
  return requests.map((request) => ({ request, costMs: aloneMs(request) * scale }));
}

/** Requests of cost factor 1 that one worker with this engine answers at most. */
export function capacityPerSecond(engine: Engine): number {
  return (1000 * engine.maxBatchItems) / (engine.runMs + engine.requestMs * engine.maxBatchItems);
}
