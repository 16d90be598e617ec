import type { TenantClass } from "@sluice/protocol";
import type { QueueEntry } from "../request-queue.ts";
import { liftV } from "./contest.ts";
import type { Tenants } from "./tenants.ts";
import { contends, hasWork, type Branch, type Tenant } from "./tree.ts";
import { partOfPool } from "./working-weights.ts";

/** Where a tenant stands. */
export interface TenantShare<Entry extends QueueEntry> {
  readonly tenant: string;
  readonly class: TenantClass;
  /** "" = none. */
  readonly group: string;
  readonly weight: number;
  /** Virtual time: only its difference to that of others in the same group and class says something. */
  readonly v: number;
  readonly waiting: number;
  /** The one of those that arrived first; `undefined` if none waits. */
  readonly oldest: Entry | undefined;
  readonly inFlight: number;
  /** What it was charged since the queue has a record of it, in worker-milliseconds: estimates for what is in flight. */
  readonly chargedMs: number;
  /** Part of the pool that its class, and the weights, give it among those that have work: 0 to 1, 0 without work. */
  readonly fairShare: number;
  /**
   * Worker-milliseconds that it received less than its weight gives it, among those of its class that have work: negative where
   * it received more. The lags of all that have work in a class add up to nothing. One without work has no claim: at most a debt.
   */
  readonly lagMs: number;
}

/**
 * Lists the tenants that have work or had some of late. Others may have a debt, far more of them than anybody looks at: going through
 * the debts of 100,000 took a quarter of a second. One pass over all that waits.
 */
export function* listShares<Entry extends QueueEntry>(tenants: Tenants<Entry>): Iterable<TenantShare<Entry>> {
  const { classes } = tenants;
  const sums = sumWork(tenants);
  for (const tenant of tenants.known()) {
    const { name, branch, policy, countedWeight, v, waiting, inFlight, chargedMs } = tenant;
    const { weight } = policy;
    const isWorking = hasWork(tenant);
    yield {
      tenant: name,
      class: branch.poolClass.name,
      group: branch.name,
      weight,
      v,
      waiting,
      oldest: oldestOf(tenant),
      inFlight,
      chargedMs,
      fairShare: isWorking ? partOfPool({ weight, countedWeight }, { branch, classes }) : 0,
      lagMs: isWorking ? lagOf(tenant, sums) : idleLagMs({ branch, v }, weight),
    };
  }
}

/** For each branch the virtual times of its children that have work, each times its weight. */
function sumWork<Entry extends QueueEntry>(tenants: Tenants<Entry>): Map<Branch<Entry>, number> {
  const sums = new Map<Branch<Entry>, number>();
  const count = (branch: Branch<Entry>, child: Tenant<Entry> | Branch<Entry>): void => {
    sums.set(branch, (sums.get(branch) ?? 0) + child.countedWeight * currentV(child));
  };
  for (const tenant of tenants.known()) if (hasWork(tenant)) count(tenant.branch, tenant);
  for (const group of tenants.groups()) {
    if (group.parent !== undefined && group.working > 0) count(group.parent, group);
  }
  return sums;
}

/** What its group lags behind is its tenants' by weight. */
function lagOf<Entry extends QueueEntry>(
  node: Tenant<Entry> | Branch<Entry>,
  sums: Map<Branch<Entry>, number>,
): number {
  const branch = "fronts" in node ? node.parent : node.branch;
  if (branch === undefined) return 0;
  const meanV = (sums.get(branch) ?? 0) / branch.workingWeight;
  const ownMs = node.countedWeight * (meanV - currentV(node));
  return ownMs + (node.countedWeight / branch.workingWeight) * lagOf(branch, sums);
}

/** Nothing, or a debt. */
function idleLagMs<Entry extends QueueEntry>(
  { branch, v }: Pick<Tenant<Entry>, "branch" | "v">,
  weight: number,
): number {
  return weight * Math.min(0, liftV(branch) - v);
}

/** The virtual time that a node has, or gets when it contends again. */
function currentV<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>): number {
  const branch = "fronts" in node ? node.parent : node.branch;
  if (branch === undefined || contends(node)) return node.v;
  return Math.max(node.v, liftV(branch));
}

function oldestOf<Entry extends QueueEntry>({ lanes }: Tenant<Entry>): Entry | undefined {
  let oldest: Entry | undefined;
  for (const { depth, entries } of lanes) {
    if (depth === 0) continue;
    for (const entry of entries.values()) {
      if (oldest === undefined || entry.arrival < oldest.arrival) oldest = entry;
    }
  }
  return oldest;
}
