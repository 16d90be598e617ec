import { createFairQueue, type FairQueue, type QueueEntry, type TenantPolicy } from "@sluice/scheduling";

/** As many as one pool is meant to bear. */
export const tenantCount = 100_000;

export const models: readonly string[] = ["a", "b", "c"];

/** What a tenant is granted about whom nothing was said. */
export const plain: TenantPolicy = Object.freeze({
  class: "normal",
  group: "",
  weight: 1,
  minShare: 0,
  maxInFlight: Infinity,
});

/** A fair queue of many tenants. */
export interface Crowd {
  readonly queue: FairQueue<QueueEntry>;
  /** A new request of the tenant with this number. */
  request(tenant: number, model: string): QueueEntry;
}

export function createCrowd(policyOf: (tenant: number) => TenantPolicy): Crowd {
  const names = Array.from({ length: tenantCount }, (_, tenant) => `tenant-${tenant}`);
  const policies = new Map(names.map((name, tenant) => [name, policyOf(tenant)]));
  const group = Object.freeze({ weight: 1, minShare: 0, maxInFlight: Infinity });
  let arrival = 0;
  return {
    queue: createFairQueue({
      policies: {
        revision: () => 0,
        tenant: (name) => policies.get(name) ?? plain,
        group: () => group,
      },
    }),
    request: (tenant, model) => {
      arrival += 1;
      return {
        tenant: names[tenant % tenantCount] ?? "",
        model,
        items: 1,
        length: 1,
        bytes: 64,
        deadlineMs: 1e9 + arrival,
        arrival,
        maxBatchItems: Infinity,
        runsAlone: false,
        order: 0,
        priority: 0,
        chargedMs: 0,
        stay: "new",
      };
    },
  };
}
