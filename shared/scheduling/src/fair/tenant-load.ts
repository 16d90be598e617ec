import type { QueueEntry } from "../request-queue.ts";
import type { TenantPolicy } from "../share-policy.ts";
import { costPerItemMs } from "./cost-estimate.ts";
import type { Classes } from "./classes.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, LaneKind, Tenant } from "./tree.ts";
import { waitingMs } from "./waiting-cost.ts";
import { partOfBranch, partOfPool } from "./working-weights.ts";

/** What a tenant, or a group, has waiting in a pool, and what it is due there. */
export interface QueueLoad {
  /** What its waiting requests are estimated to cost, in worker-milliseconds. */
  readonly waitingMs: number;
  /** What one more item of the model is estimated to cost. */
  readonly costPerItemMs: number;
  /**
   * Part of the pool that its class, and the weights, give it among those that have work; at least its `minShare`, and its part
   * of that of its group. As if it had work, where it has none.
   */
  readonly fairShare: number;
}

export interface LoadOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly policy: TenantPolicy;
  /** Which of its lanes one more request would wait in. */
  readonly kind: LaneKind;
}

/** Tells the load of a tenant, by its lanes: whatever waits, and whoever else is there, costs nothing. */
export function loadOf<Entry extends QueueEntry>(
  tenant: Tenant<Entry> | undefined,
  { tenants, policy, kind }: LoadOptions<Entry>,
): QueueLoad {
  let ownMs = 0;
  for (const lane of tenant?.lanes ?? []) ownMs += lane.waitingItems * costPerItemMs(lane);
  const { weight, minShare } = policy;
  const countedWeight = tenant?.countedWeight ?? 0;
  // One without work may be in another group by now.
  const branch = tenant === undefined || countedWeight === 0 ? tenants.branch(policy) : tenant.branch;
  return {
    waitingMs: ownMs,
    costPerItemMs: nextCostMs(tenant, kind),
    fairShare: Math.max(
      minShare,
      partOfBranch({ weight, countedWeight }, branch) * dueOf(branch, tenants.classes),
    ),
  };
}

/**
 * Tells the load of the group of a tenant, as far as it is in the tenant's class: a group has a queue and a share in each. By its
 * models: whatever waits, and whoever else is there, costs nothing.
 */
export function groupLoadOf<Entry extends QueueEntry>(
  tenant: Tenant<Entry> | undefined,
  { tenants, policy, kind }: LoadOptions<Entry>,
): QueueLoad {
  const branch = tenants.branch(policy);
  return {
    waitingMs: waitingMs(branch),
    costPerItemMs: nextCostMs(tenant, kind),
    fairShare: dueOf(branch, tenants.classes),
  };
}

/** What one more item of a kind is estimated to cost a tenant. */
function nextCostMs<Entry extends QueueEntry>(tenant: Tenant<Entry> | undefined, kind: LaneKind): number {
  return costPerItemMs(tenant?.lanes.find((lane) => lane.kind === kind) ?? { kind, costPerItemMs: 0 });
}

/** Part of the pool that all children of a branch are due together: of a group at least its `minShare`. */
function dueOf<Entry extends QueueEntry>(branch: Branch<Entry>, classes: Classes<Entry>): number {
  const { parent, group, policy, poolClass, countedWeight } = branch;
  if (parent === undefined) return classes.partOf(poolClass);
  // A guarantee serves the highest class of its group first: the others cannot rely on it.
  const isServedFirst = !group.branches.some(
    (other) => other.poolClass.rank < poolClass.rank && other.working > 0,
  );
  return Math.max(
    isServedFirst ? policy.minShare : 0,
    partOfPool({ weight: policy.weight, countedWeight }, { branch: parent, classes }),
  );
}
