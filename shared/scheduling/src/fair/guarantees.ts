import type { QueueEntry } from "../request-queue.ts";
import { PlacedHeap } from "./placed-heap.ts";
import { contends, type Guarantee, type Lane, type Tenant } from "./tree.ts";

/**
 * How far the clock of a guarantee may be from that of the pool, in worker-milliseconds: what a tenant received, or could not
 * use, longer ago is forgotten. Ten seconds of one worker: many requests, yet nobody waits long for another's claim.
 */
export const guaranteeWindowMs = 10_000;

/**
 * The rule of `minShare`: guarantee before weight and class. The pool has a clock, which moves with all charges, and each
 * guarantee has one that moves `1 / minShare` as fast: by `cost / minShare` for each charge of its tenant. While its clock is not
 * ahead of the pool's, the tenant received no more than its part and goes first; of several the one that is furthest behind. So
 * a tenant that keeps waiting gets its part of the pool's time to within one request.
 *
 * Where those that contend are guaranteed more than there is, the pool's clock moves by the charge divided by the sum of their
 * parts: then all of them keep up with it by the same part of what they are guaranteed.
 *
 * A clock that is behind when its tenant starts to contend is set to the pool's: nothing is saved up while nothing waits.
 * While the tenant contends, its clock is kept within {@link guaranteeWindowMs} of the pool's before it is charged.
 */
export interface Guarantees<Entry extends QueueEntry> {
  /** The clock of the pool. */
  readonly clockMs: number;
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
  let clockMs = 0;
  /** Those that contend, and their parts. */
  let count = 0;
  let parts = 0;

  const join = ({ guarantee }: Tenant<Entry>): void => {
    if (guarantee === undefined || guarantee.contends) return;
    guarantee.contends = true;
    count += 1;
    parts += guarantee.part;
    guarantee.dueMs = Math.max(guarantee.dueMs, clockMs);
    owed.push(guarantee, guarantee.dueMs, 0);
  };

  const leave = ({ guarantee }: Tenant<Entry>): void => {
    if (guarantee?.contends !== true) return;
    guarantee.contends = false;
    count -= 1;
    // Sums of fractions keep a rest that would add up over the years.
    parts = count === 0 ? 0 : parts - guarantee.part;
    if (guarantee.place !== -1) owed.remove(guarantee);
  };

  const correct = ({ guarantee }: Tenant<Entry>, differenceMs: number): void => {
    clockMs += differenceMs / Math.max(1, parts);
    if (guarantee === undefined) return;
    guarantee.dueMs += differenceMs / guarantee.part;
    if (guarantee.place !== -1) owed.update(guarantee, guarantee.dueMs, 0);
  };

  return {
    get clockMs() {
      return clockMs;
    },
    follow: (tenant, newMs = clockMs) => {
      const { minShare: part } = tenant.policy;
      const before = tenant.guarantee;
      if (part === (before?.part ?? 0)) return;
      leave(tenant);
      const dueMs = before?.dueMs ?? newMs;
      tenant.guarantee = part === 0 ? undefined : { tenant, part, dueMs, contends: false, place: -1 };
      if (contends(tenant)) join(tenant);
    },
    join,
    leave,
    charge: (tenant, costMs) => {
      const { guarantee } = tenant;
      if (guarantee !== undefined) {
        const leastMs = clockMs - guaranteeWindowMs;
        const mostMs = clockMs + guaranteeWindowMs;
        guarantee.dueMs = Math.min(Math.max(guarantee.dueMs, leastMs), mostMs);
      }
      correct(tenant, costMs);
    },
    correct,
    owedLane: (laneOf) => {
      for (;;) {
        const guarantee = owed.peek();
        if (guarantee === undefined || guarantee.dueMs > clockMs) return undefined;
        const lane = laneOf(guarantee.tenant);
        if (lane !== undefined) return lane;
        if (guarantee.place === -1) continue;
        owed.remove(guarantee);
        aside.push(guarantee);
      }
    },
    putBack: () => {
      for (const guarantee of aside) {
        if (guarantee.place === -1 && guarantee.contends) owed.push(guarantee, guarantee.dueMs, 0);
      }
      aside.length = 0;
    },
  };
}
