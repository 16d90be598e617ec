import { createFairQueue, type RequestQueue } from "@sluice/scheduling";
import type { SimulatedRequest } from "./request.ts";

/** Creates the fair queue of the product, for tenants without limits; their weight is 1 unless given. */
export function createFair(weights: Readonly<Record<string, number>> = {}): RequestQueue<SimulatedRequest> {
  return createFairQueue<SimulatedRequest>({
    policies: {
      tenant: (name) => ({
        class: "normal",
        group: "",
        weight: weights[name] ?? 1,
        minShare: 0,
        maxInFlight: Infinity,
      }),
      group: () => ({ weight: 1, maxInFlight: Infinity }),
    },
  });
}
