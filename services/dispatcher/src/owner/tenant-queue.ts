import type { Refusal } from "@sluice/protocol";
import { createQueueBound, type QueueBound } from "@sluice/scheduling";
import type { Limited } from "../tenants/limited-by.ts";
import type { PoolRoster } from "../workers/pool-roster.ts";
import type { Backlog } from "./backlog.ts";
import { queueTooLong } from "./limit-refusals.ts";
import type { RequestSource } from "./open-request.ts";

/**
 * The bounded queues that requests of a tenant wait in, its own and that of its group, as the requests of one message meet
 * them: both are looked at once for all of them.
 */
export interface TenantQueue {
  /** Why one more request cannot wait, which would make one too long: `resourceExhausted`; `undefined` where it can. */
  refusal(items: number): Refusal | undefined;
  /** Counts a request that waits from now on. */
  count(items: number): void;
}

export interface TenantQueueOptions {
  readonly roster: PoolRoster;
  readonly backlog: Backlog;
  readonly limitedBy: readonly Limited[];
}

interface Bounded {
  readonly limited: Limited;
  readonly bound: QueueBound;
}

/** `undefined` where nothing is bounded. */
export function createTenantQueue(
  { tenant, model }: RequestSource,
  { roster, backlog, limitedBy }: TenantQueueOptions,
): TenantQueue | undefined {
  const { pool, runningCount: workerCount } = roster;
  const queues: Bounded[] = [];
  for (const limited of limitedBy) {
    const { maxQueueSeconds } = limited.limits;
    if (maxQueueSeconds === Infinity) continue;
    const load = limited.of === "tenant" ? backlog.load(tenant, model) : backlog.groupLoad(tenant, model);
    const bound = createQueueBound({ load, maxQueueMs: 1000 * maxQueueSeconds, workerCount });
    queues.push({ limited, bound });
  }
  if (queues.length === 0) return undefined;
  return {
    refusal: (items) => {
      for (const { limited, bound } of queues) {
        const excess = bound.excess(items);
        if (excess !== undefined) return queueTooLong(pool, limited, excess);
      }
      return undefined;
    },
    count: (items) => {
      for (const { bound } of queues) bound.count(items);
    },
  };
}
