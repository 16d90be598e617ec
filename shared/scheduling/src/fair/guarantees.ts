import type { QueueEntry } from "../request-queue.ts";
import { PlacedHeap } from "./placed-heap.ts";
import { contends, type Guarantee, type Lane, type Tenant } from "./tree.ts";

/**
 * How far the clock of a guarantee may be from that of the pool, in worker-milliseconds: what a tenant received, or could not
 * use, longer ago is forgotten. Ten seconds of one worker: many requests, yet nobody waits long for another's claim.
 */
export const guaranteeWindowMs = 10_000;

/**
 * The rule of `minShare`: guarantee before weight. The pool has a clock, the sum of all charges, and each guarantee has one
 * that moves `1 / minShare` as fast: by `cost / minShare` for each charge of its tenant. While its clock is not ahead of the
 * pool's, the tenant received no more than its part and goes first; of several the one that is furthest behind. So a tenant
 * that keeps waiting gets its part of the pool's time to within one request.
 *
 * A clock that is behind when its tenant starts to contend is set to the pool's: nothing is saved up while nothing waits.
 * While the tenant contends, its clock is kept within {@link guaranteeWindowMs} of the pool's before it is charged.
 */
export interface Guarantees<Entry extends QueueEntry> {
  /** The clock of the pool: what was charged in all, in worker-milliseconds. */
  readonly poolMs: number;
  /** Called when the policy of a tenant may have changed. A new clock starts at `dueMs`, or with the pool's. */
  follow(tenant: Tenant<Entry>, dueMs?: number): void;
  join(tenant: Tenant<Entry>): void;
  leave(tenant: Tenant<Entry>): void;
  /** Moves the clocks for something that was charged at take. */
  charge(tenant: Tenant<Entry>, costMs: number): void;
  /** Moves the clocks for the correction of a charge. */
  correct(tenant: Tenant<Entry>, differenceMs: number): void;
  /** The first lane that `laneOf` names for a tenant that is owed a request; the other such tenants stand aside. */
  owedLane(laneOf: (tenant: Tenant<Entry>) => Lane<Entry> | undefined): Lane<Entry> | undefined;
  /** Ends the standing aside. */
  putBack(): void;
}

export function createGuarantees<Entry extends QueueEntry>(): Guarantees<Entry> {
  /** Those whose tenants contend. */
  const owed = new PlacedHeap<Guarantee<Entry>>();
  const aside: Guarantee<Entry>[] = [];
  let poolMs = 0;

  const join = ({ guarantee }: Tenant<Entry>): void => {
    if (guarantee === undefined || guarantee.place !== -1) return;
    guarantee.dueMs = Math.max(guarantee.dueMs, poolMs);
    owed.push(guarantee, guarantee.dueMs, 0);
  };

  const leave = ({ guarantee }: Tenant<Entry>): void => {
    if (guarantee !== undefined && guarantee.place !== -1) owed.remove(guarantee);
  };

  const correct = ({ guarantee, policy }: Tenant<Entry>, differenceMs: number): void => {
    poolMs += differenceMs;
    if (guarantee === undefined) return;
    guarantee.dueMs += differenceMs / policy.minShare;
    if (guarantee.place !== -1) owed.update(guarantee, guarantee.dueMs, 0);
  };

  return {
    get poolMs() {
      return poolMs;
    },
    follow: (tenant, dueMs = poolMs) => {
      if (tenant.policy.minShare > 0) {
        if (tenant.guarantee !== undefined) return;
        tenant.guarantee = { tenant, dueMs, place: -1 };
        if (contends(tenant)) join(tenant);
      } else if (tenant.guarantee !== undefined) {
        leave(tenant);
        tenant.guarantee = undefined;
      }
    },
    join,
    leave,
    charge: (tenant, costMs) => {
      const { guarantee } = tenant;
      if (guarantee !== undefined) {
        const leastMs = poolMs - guaranteeWindowMs;
        const mostMs = poolMs + guaranteeWindowMs;
        guarantee.dueMs = Math.min(Math.max(guarantee.dueMs, leastMs), mostMs);
      }
      correct(tenant, costMs);
    },
    correct,
    owedLane: (laneOf) => {
      for (;;) {
        const guarantee = owed.peek();
        if (guarantee === undefined || guarantee.dueMs > poolMs) return undefined;
        const lane = laneOf(guarantee.tenant);
        if (lane !== undefined) return lane;
        if (guarantee.place === -1) continue;
        owed.remove(guarantee);
        aside.push(guarantee);
      }
    },
    putBack: () => {
      for (const guarantee of aside) {
        if (guarantee.place === -1 && contends(guarantee.tenant)) owed.push(guarantee, guarantee.dueMs, 0);
      }
      aside.length = 0;
    },
  };
}
