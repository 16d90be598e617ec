import type { QueueEntry } from "../request-queue.ts";
import { keepSmall } from "./common-floor.ts";
import type { Contest } from "./contest.ts";
import { liftV } from "./contest.ts";
import { guaranteeWindowMs, type Guarantees } from "./guarantees.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, Lane, Tenant } from "./tree.ts";

/** Charges what was taken to its lane, its tenant, its group and its class. */
export interface Ledger<Entry extends QueueEntry> {
  /** What was charged in all, in worker-milliseconds. */
  chargedMs(): number;
  /** Charges the estimated cost of an entry of the lane that is in flight now. */
  charge(lane: Lane<Entry>, estimateMs: number): void;
  /** Takes back a charge that was made for the time being: counts alone, see `standing.ts` for the rest. */
  takeBack(lane: Lane<Entry>, chargedMs: number): void;
  /** Charges an entry that is in flight more than its estimate. */
  raise(lane: Lane<Entry>, moreMs: number): void;
  /** Corrects the charge of an entry that is in flight no more. {@link Ledger.reorder} is called before anything else. */
  settle(lane: Lane<Entry>, amounts: { readonly chargedMs: number; readonly costMs: number }): void;
  /** Brings the tenant of a lane to where it belongs after entries of the lane were settled. */
  reorder(lane: Lane<Entry>): void;
}

export interface LedgerOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly contest: Contest<Entry>;
  readonly guarantees: Guarantees<Entry>;
}

export function createLedger<Entry extends QueueEntry>(options: LedgerOptions<Entry>): Ledger<Entry> {
  const { tenants, contest, guarantees } = options;
  const { classes } = tenants;
  let allMs = 0;

  /** Changes what was charged for an entry in flight. */
  const correct = (lane: Lane<Entry>, differenceMs: number): void => {
    const tenant = lane.owner;
    const { branch } = tenant;
    allMs += differenceMs;
    lane.v += differenceMs;
    tenant.chargedMs += differenceMs;
    tenant.v = chargedV(tenant, differenceMs);
    if (branch.parent !== undefined) branch.v = chargedV(branch, differenceMs);
    classes.charge(branch.poolClass, differenceMs);
    guarantees.correct(tenant, differenceMs);
  };

  return {
    chargedMs: () => allMs,
    charge: (lane, estimateMs) => {
      const tenant = lane.owner;
      const { branch } = tenant;
      allMs += estimateMs;
      lane.v += estimateMs;
      tenant.chargedMs += estimateMs;
      tenant.v = chargedV(tenant, estimateMs, tenant.guarantee && branch);
      noteStart(tenant, estimateMs);
      if (branch.parent !== undefined) {
        branch.v = chargedV(
          branch,
          estimateMs,
          (tenant.guarantee ?? branch.group.guarantee) && branch.parent,
        );
        branch.group.inFlight += 1;
        noteStart(branch, estimateMs);
      }
      classes.charge(branch.poolClass, estimateMs);
      guarantees.charge(tenant, estimateMs);
      contest.advance(lane);
    },
    takeBack: (lane, chargedMs) => {
      const tenant = lane.owner;
      const { branch } = tenant;
      allMs -= chargedMs;
      tenant.inFlight -= 1;
      if (branch.parent === undefined) return;
      branch.inFlight -= 1;
      branch.group.inFlight -= 1;
    },
    raise: (lane, moreMs) => {
      const tenant = lane.owner;
      const { branch } = tenant;
      correct(lane, moreMs);
      tenant.unsettledMs += moreMs;
      if (branch.parent !== undefined) branch.unsettledMs += moreMs;
      contest.reorder(tenant);
    },
    settle: (lane, { chargedMs, costMs }) => {
      const tenant = lane.owner;
      const { branch } = tenant;
      correct(lane, costMs - chargedMs);
      noteEnd(tenant, chargedMs);
      if (branch.parent !== undefined) {
        branch.group.inFlight -= 1;
        noteEnd(branch, chargedMs);
      }
    },
    reorder: (lane) => {
      contest.reorder(lane.owner);
      // Not at a charge: that may be taken back to what virtual times were before it. Each charge is settled one day.
      keepSmall(tenants, lane);
    },
  };
}

/**
 * Virtual time of a node after a charge. With `boundedIn`, the branch it contends in, the node gets no further ahead of the
 * one that received least there than the window of a guarantee: what a guarantee gives beyond the weight is no debt, else a
 * tenant whose guarantee ends would wait for as long as it had lasted.
 */
function chargedV<Entry extends QueueEntry>(
  { v, policy: { weight } }: Tenant<Entry> | Branch<Entry>,
  costMs: number,
  boundedIn?: Branch<Entry>,
): number {
  const nextV = v + costMs / weight;
  if (boundedIn === undefined) return nextV;
  const mostV = liftV(boundedIn) + Math.max(guaranteeWindowMs, costMs) / weight;
  return Math.max(v, Math.min(nextV, mostV));
}

function noteStart<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>, chargedMs: number): void {
  node.inFlight += 1;
  node.unsettledMs += chargedMs;
}

function noteEnd<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>, chargedMs: number): void {
  node.inFlight -= 1;
  // Sums of fractions keep a rest that would add up over the years.
  node.unsettledMs = node.inFlight === 0 ? 0 : node.unsettledMs - chargedMs;
}
