import { createFairQueue, type FairQueue, type TenantPolicy } from "@sluice/scheduling";
import type { SimulatedRequest } from "./request.ts";

const anyone = { weight: 1, minShare: 0, maxInFlight: Infinity };
const plain: TenantPolicy = { class: "normal", group: "", ...anyone };

/** Creates the fair queue of the product, for tenants of which nothing is said but what is given. */
export function createFair(
  tenants: Readonly<Record<string, Partial<TenantPolicy>>> = {},
): FairQueue<SimulatedRequest> {
  const policies = new Map(Object.entries(tenants).map(([name, policy]) => [name, { ...plain, ...policy }]));
  return createFairQueue<SimulatedRequest>({
    policies: {
      revision: () => 0,
      tenant: (name) => policies.get(name) ?? plain,
      group: () => anyone,
    },
  });
}
