import type { QueueEntry } from "../request-queue.ts";
import { PlacedHeap } from "./placed-heap.ts";
import { contends, type Group, type Guarantee, type Holder, type Lane, type Tenant } from "./tree.ts";

/**
 * How far the clock of a guarantee may be from that of the pool, in worker-milliseconds: what its holder received, or could not
 * use, longer ago is forgotten. Ten seconds of one worker: many requests, yet nobody waits long for another's claim.
 */
export const guaranteeWindowMs = 10_000;

/** Parts are summed up in billionths: whole numbers, so that sums come back to nothing. */
const billion = 1e9;

/**
 * The rule of `minShare`: guarantee before weight and class. The pool has a clock, which moves with all charges, and each
 * guarantee has one that moves `1 / minShare` as fast: by `cost / minShare` for each charge of its holder, which is a tenant, or
 * a group with all its tenants. While its clock is not ahead of the pool's, the holder received no more than its part and goes
 * first; of several the one that is furthest behind. So who keeps waiting gets its part of the pool's time to within one request.
 *
 * Where those that contend are guaranteed more than there is, the pool's clock moves by the charge divided by the sum of their
 * parts: then all of them keep up with it by the same part of what they are guaranteed. What tenants of a group are guaranteed
 * is part of what the group is: of the two, the larger counts.
 *
 * A clock that is behind when its holder starts to contend is set to the pool's: nothing is saved up while nothing waits.
 * While the holder contends, its clock is kept within {@link guaranteeWindowMs} of the pool's before it is charged.
 */
export interface Guarantees<Entry extends QueueEntry> {
  /** The clock of the pool. */
  clockMs(): number;
  /** Called when the `minShare` of a holder may have changed. A new clock starts at `newMs`, or with the pool's. */
  follow(holder: Holder<Entry>, part: number, newMs?: number): void;
  join(holder: Holder<Entry>): void;
  leave(holder: Holder<Entry>): void;
  /** Moves the clocks for something that was charged at take. */
  charge(tenant: Tenant<Entry>, costMs: number): void;
  /** Moves the clocks for the correction of a charge. */
  correct(tenant: Tenant<Entry>, differenceMs: number): void;
  /** Brings the guarantee of a holder to its place after its clock was set. */
  reorder(holder: Holder<Entry>): void;
  /** Sets the clock of the pool back, after charges were taken back. */
  setBack(clockMs: number): void;
  /** The first lane that `laneOf` names for a holder that is owed a request; the other such holders stand aside. */
  owedLane(laneOf: (holder: Holder<Entry>) => Lane<Entry> | undefined): Lane<Entry> | undefined;
  /** Ends the standing aside. */
  putBack(): void;
}

export function createGuarantees<Entry extends QueueEntry>(): Guarantees<Entry> {
  /** Those whose holders contend. */
  const owed = new PlacedHeap<Guarantee<Entry>>();
  let aside: Guarantee<Entry>[] = [];
  let clockMs = 0;
  let givenCount = 0;
  /** Of the pool that those are guaranteed that contend, in billionths. */
  let parts = 0;

  /** Counts the part of a guarantee in, or out where it is below 0. */
  const countPart = (holder: Holder<Entry>, part: number): void => {
    const group = "branches" in holder ? holder : holder.branch.group;
    parts -= countedPart(group);
    if (group === holder) group.ownPart += Math.round(part * billion);
    else group.tenantParts += Math.round(part * billion);
    parts += countedPart(group);
  };

  const join = (holder: Holder<Entry>): void => {
    const { guarantee } = holder;
    if (guarantee === undefined || guarantee.contends) return;
    guarantee.contends = true;
    countPart(holder, guarantee.part);
    guarantee.dueMs = Math.max(guarantee.dueMs, clockMs);
    owed.push(guarantee, guarantee.dueMs, guarantee.number);
  };

  const leave = (holder: Holder<Entry>): void => {
    const { guarantee } = holder;
    if (guarantee?.contends !== true) return;
    guarantee.contends = false;
    countPart(holder, -guarantee.part);
    if (guarantee.place !== -1) owed.remove(guarantee);
  };

  const clamp = (guarantee: Guarantee<Entry> | undefined): void => {
    if (guarantee === undefined) return;
    const leastMs = clockMs - guaranteeWindowMs;
    const mostMs = clockMs + guaranteeWindowMs;
    guarantee.dueMs = Math.min(Math.max(guarantee.dueMs, leastMs), mostMs);
  };

  const move = (guarantee: Guarantee<Entry> | undefined, costMs: number): void => {
    if (guarantee === undefined) return;
    guarantee.dueMs += costMs / guarantee.part;
    if (guarantee.place !== -1) owed.update(guarantee, guarantee.dueMs, guarantee.number);
  };

  const correct = (tenant: Tenant<Entry>, differenceMs: number): void => {
    clockMs += differenceMs / Math.max(1, parts / billion);
    move(tenant.guarantee, differenceMs);
    move(tenant.branch.group.guarantee, differenceMs);
  };

  return {
    clockMs: () => clockMs,
    follow: (holder, part, newMs = clockMs) => {
      const before = holder.guarantee;
      if (part === (before?.part ?? 0)) return;
      leave(holder);
      const dueMs = before?.dueMs ?? newMs;
      givenCount += 1;
      const given = { holder, part, number: givenCount, dueMs, contends: false, place: -1 };
      holder.guarantee = part === 0 ? undefined : given;
      if (holderContends(holder)) join(holder);
    },
    join,
    leave,
    charge: (tenant, costMs) => {
      clamp(tenant.guarantee);
      clamp(tenant.branch.group.guarantee);
      correct(tenant, costMs);
    },
    correct,
    reorder: ({ guarantee }) => {
      if (guarantee !== undefined && guarantee.place !== -1)
        owed.update(guarantee, guarantee.dueMs, guarantee.number);
    },
    setBack: (toMs) => {
      clockMs = toMs;
    },
    owedLane: (laneOf) => {
      for (;;) {
        const guarantee = owed.peek();
        if (guarantee === undefined || guarantee.dueMs > clockMs) return undefined;
        const lane = laneOf(guarantee.holder);
        if (lane !== undefined) return lane;
        if (guarantee.place === -1) continue;
        owed.remove(guarantee);
        aside.push(guarantee);
      }
    },
    putBack: () => {
      if (aside.length === 0) return;
      for (const guarantee of aside) {
        if (guarantee.place === -1 && guarantee.contends)
          owed.push(guarantee, guarantee.dueMs, guarantee.number);
      }
      aside = [];
    },
  };
}

/** What a group adds to the parts that those are guaranteed that contend: its own, or those of its tenants where they are more. */
function countedPart<Entry extends QueueEntry>({ ownPart, tenantParts }: Group<Entry>): number {
  return Math.max(ownPart, tenantParts);
}

function holderContends<Entry extends QueueEntry>(holder: Holder<Entry>): boolean {
  return "branches" in holder ? holder.branches.some(contends) : contends(holder);
}
