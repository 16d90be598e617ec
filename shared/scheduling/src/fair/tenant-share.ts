import type { QueueEntry } from "../request-queue.ts";
import { liftV } from "./contest.ts";
import type { Tenants } from "./tenants.ts";
import { contends, hasWork, type Branch, type Tenant } from "./tree.ts";

/** Where a tenant stands. */
export interface TenantShare<Entry extends QueueEntry> {
  readonly tenant: string;
  /** "" = none. */
  readonly group: string;
  readonly weight: number;
  /** Virtual time: only its difference to that of others in the same group says something. */
  readonly v: number;
  readonly waiting: number;
  /** The one of those that arrived first; `undefined` if none waits. */
  readonly oldest: Entry | undefined;
  readonly inFlight: number;
  /** What it was charged since the queue has a record of it, in worker-milliseconds: estimates for what is in flight. */
  readonly chargedMs: number;
  /** Part of the pool that its weight, and that of its group, gives it among those that have work: 0 to 1, 0 without work. */
  readonly fairShare: number;
  /**
   * Worker-milliseconds that it received less than its weight gives it, among those that have work: negative where it received
   * more. The lags of all that have work add up to nothing. One without work has no claim: at most a debt.
   */
  readonly lagMs: number;
}

/** What the children of a branch that have work add up to. */
interface Sum {
  weight: number;
  /** Their virtual times, each times its weight. */
  weightedV: number;
}

/** Lists the tenants that have work, had some of late, or have a debt. One pass over all that waits. */
export function* listShares<Entry extends QueueEntry>(
  tenants: Tenants<Entry>,
  weightOf: (tenant: string) => number,
): Iterable<TenantShare<Entry>> {
  const sums = sumWork(tenants);
  for (const tenant of tenants.known()) {
    const { name, branch, policy, v, waiting, inFlight, chargedMs } = tenant;
    const { weight } = policy;
    const isWorking = hasWork(tenant);
    yield {
      tenant: name,
      group: branch.name,
      weight,
      v,
      waiting,
      oldest: oldestOf(tenant),
      inFlight,
      chargedMs,
      fairShare: isWorking ? fairShareOf(tenant, sums) : 0,
      lagMs: isWorking ? lagOf(tenant, sums) : idleLagMs({ branch, v }, weight),
    };
  }
  for (const [name, { branch, v }] of tenants.idle.debts()) {
    const weight = weightOf(name);
    const lagMs = idleLagMs({ branch, v }, weight);
    if (lagMs < 0) yield { ...noWork, tenant: name, group: branch.name, weight, v, lagMs };
  }
}

const noWork = { waiting: 0, oldest: undefined, inFlight: 0, chargedMs: 0, fairShare: 0 } as const;

function sumWork<Entry extends QueueEntry>(tenants: Tenants<Entry>): Map<Branch<Entry>, Sum> {
  const sums = new Map<Branch<Entry>, Sum>();
  const count = (branch: Branch<Entry>, v: number, weight: number): void => {
    const sum = sums.get(branch);
    if (sum === undefined) {
      sums.set(branch, { weight, weightedV: weight * v });
    } else {
      sum.weight += weight;
      sum.weightedV += weight * v;
    }
  };
  for (const tenant of tenants.known()) {
    if (hasWork(tenant)) count(tenant.branch, currentV(tenant), tenant.policy.weight);
  }
  for (const group of tenants.groups()) {
    if (group.parent !== undefined && sums.has(group)) {
      count(group.parent, currentV(group), group.policy.weight);
    }
  }
  return sums;
}

/** Part of a node in its branch. */
function partOf<Entry extends QueueEntry>(
  { policy: { weight } }: Tenant<Entry> | Branch<Entry>,
  sum: Sum | undefined,
): number {
  return sum === undefined ? 1 : weight / sum.weight;
}

/** Lag of a node among its siblings. */
function lagAmong<Entry extends QueueEntry>(
  node: Tenant<Entry> | Branch<Entry>,
  sum: Sum | undefined,
): number {
  return sum === undefined ? 0 : node.policy.weight * (sum.weightedV / sum.weight - currentV(node));
}

function fairShareOf<Entry extends QueueEntry>(tenant: Tenant<Entry>, sums: Map<Branch<Entry>, Sum>): number {
  const { branch } = tenant;
  const part = partOf(tenant, sums.get(branch));
  return branch.parent === undefined ? part : part * partOf(branch, sums.get(branch.parent));
}

/** What its group lags behind is its tenants' by weight. */
function lagOf<Entry extends QueueEntry>(tenant: Tenant<Entry>, sums: Map<Branch<Entry>, Sum>): number {
  const { branch } = tenant;
  const sum = sums.get(branch);
  const lagMs = lagAmong(tenant, sum);
  if (branch.parent === undefined) return lagMs;
  return lagMs + partOf(tenant, sum) * lagAmong(branch, sums.get(branch.parent));
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
