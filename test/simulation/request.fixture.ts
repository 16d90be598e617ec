import type { SimulatedRequest } from "./request.ts";

/** Builds a request of tenant `a` that came and waits for nothing in particular. */
export function aRequest(fields: Partial<SimulatedRequest> = {}): SimulatedRequest {
  return {
    tenant: "a",
    model: "m",
    items: 1,
    length: 1,
    bytes: 1,
    deadlineMs: Infinity,
    arrival: 1,
    maxBatchItems: Infinity,
    runsAlone: false,
    order: 0,
    priority: 0,
    chargedMs: 0,
    stay: "new",
    load: 0,
    gateway: "g1",
    sentMs: 0,
    arrivedMs: 0,
    costFactor: 1,
    ...fields,
  };
}
