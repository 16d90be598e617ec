import { createQueueBound } from "@sluice/scheduling";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import { queueTooLong } from "./limit-refusals.ts";
import type { RequestSource } from "./open-request.ts";

/** The bounded queue of a tenant, as the requests of one message meet it: the tenant is looked at once for all of them. */
export interface TenantQueue {
  /** @throws {InferenceError} `resourceExhausted` when one more request would make it too long. */
  check(items: number): void;
  /** Counts a request that waits from now on. */
  count(items: number): void;
}

export interface TenantQueueOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly maxQueueSeconds: number;
}

export function createTenantQueue(
  { tenant, model }: RequestSource,
  { roster, backlog, maxQueueSeconds }: TenantQueueOptions,
): TenantQueue {
  const { pool, runningCount } = roster;
  const bound = createQueueBound({
    load: backlog.load(tenant, model),
    maxQueueMs: 1000 * maxQueueSeconds,
    workerCount: runningCount,
  });
  return {
    check: (items) => {
      const excess = bound.excess(items);
      if (excess !== undefined) throw queueTooLong({ pool, tenant, maxQueueSeconds }, excess);
    },
    count: bound.count,
  };
}
