import type { QueueEntry } from "../request-queue.ts";
import { keepSmall } from "./common-floor.ts";
import type { Contest } from "./contest.ts";
import { liftV } from "./contest.ts";
import { guaranteeWindowMs, type Guarantees } from "./guarantees.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, Lane, Tenant } from "./tree.ts";

/** Charges what was taken to its lane, its tenant and its group. */
export interface Ledger<Entry extends QueueEntry> {
  /** Charges the estimated cost of an entry that just left the lane. */
  charge(lane: Lane<Entry>, costMs: number): void;
  /** Corrects an earlier charge. */
  correct(lane: Lane<Entry>, differenceMs: number): void;
}

export interface LedgerOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly contest: Contest<Entry>;
  readonly guarantees: Guarantees<Entry>;
}

export function createLedger<Entry extends QueueEntry>(options: LedgerOptions<Entry>): Ledger<Entry> {
  const { tenants, contest, guarantees } = options;

  return {
    charge: (lane, costMs) => {
      const tenant = lane.owner;
      const { branch } = tenant;
      lane.v += costMs;
      if (tenant.guarantee === undefined) {
        addToV(tenant, costMs);
        if (branch.parent !== undefined) addToV(branch, costMs);
      } else {
        addWithinLead(tenant, branch, costMs);
        if (branch.parent !== undefined) addWithinLead(branch, branch.parent, costMs);
      }
      tenant.chargedMs += costMs;
      guarantees.charge(tenant, costMs);
      contest.reseat(lane);
      contest.reorder(tenant);
      keepSmall(tenants, lane);
    },
    correct: (lane, differenceMs) => {
      const tenant = lane.owner;
      lane.v += differenceMs;
      addToV(tenant, differenceMs);
      if (tenant.branch.parent !== undefined) addToV(tenant.branch, differenceMs);
      tenant.chargedMs += differenceMs;
      guarantees.correct(tenant, differenceMs);
      contest.reorder(tenant);
      keepSmall(tenants, lane);
    },
  };
}

function addToV<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>, costMs: number): void {
  node.v += costMs / node.policy.weight;
}

/**
 * Adds a charge as far as the node stays within the window of a guarantee of the one that received least. What a guarantee
 * gives beyond the weight is no debt: without this a tenant whose guarantee ends would wait for as long as it lasted.
 */
function addWithinLead<Entry extends QueueEntry>(
  node: Tenant<Entry> | Branch<Entry>,
  parent: Branch<Entry>,
  costMs: number,
): void {
  const { weight } = node.policy;
  const mostV = liftV(parent) + Math.max(guaranteeWindowMs, costMs) / weight;
  node.v = Math.max(node.v, Math.min(node.v + costMs / weight, mostV));
}
