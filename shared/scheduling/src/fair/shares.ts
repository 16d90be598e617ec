import { defaultTenantClass, type TenantClass } from "@sluice/protocol";
import type { QueueEntry } from "../request-queue.ts";
import { liftV, type Contest } from "./contest.ts";
import type { Home, Tenants } from "./tenants.ts";
import { hasWork, inFlightV, settledV, type Branch, type Tenant } from "./tree.ts";

/** What the next owner of a pool has to know to go on being fair. */
export interface VirtualTime {
  readonly kind: "tenant" | "group";
  readonly name: string;
  /** The class in which the group leads, which may have tenants in several; absent = `normal`, and of a tenant. */
  readonly class?: TenantClass;
  /** Lead over the sibling that received least of those that wait, in worker-milliseconds by weight; above 0. */
  readonly aheadMs: number;
}

/** Charges of what is in flight are left out: the next owner charges them when it adopts what is in flight. */
export function* listVirtualTimes<Entry extends QueueEntry>(tenants: Tenants<Entry>): Iterable<VirtualTime> {
  const floors = new Map<Branch<Entry>, number>();
  const lower = (branch: Branch<Entry>, v: number): void => {
    floors.set(branch, Math.min(v, floors.get(branch) ?? Infinity));
  };
  for (const tenant of tenants.known()) {
    if (!hasWork(tenant)) continue;
    const { branch } = tenant;
    lower(branch, settledV(tenant));
    if (branch.parent !== undefined) lower(branch.parent, settledV(branch));
  }
  const aheadMs = (branch: Branch<Entry>, v: number): number => v - (floors.get(branch) ?? liftV(branch));

  for (const group of tenants.groups()) {
    const { parent, name, poolClass } = group;
    const lead = parent === undefined ? 0 : aheadMs(parent, settledV(group));
    const isDefault = poolClass.name === defaultTenantClass;
    if (lead > 0) yield { kind: "group", name, ...(!isDefault && { class: poolClass.name }), aheadMs: lead };
  }
  for (const tenant of tenants.known()) {
    const lead = aheadMs(tenant.branch, settledV(tenant));
    if (lead > 0) yield { kind: "tenant", name: tenant.name, aheadMs: lead };
  }
  for (const [name, { branch, v }] of tenants.idle.debts()) {
    const lead = aheadMs(branch, v);
    if (lead > 0) yield { kind: "tenant", name, aheadMs: lead };
  }
}

export interface RestoreOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly contest: Contest<Entry>;
  readonly homeOf: (tenant: string) => Home;
}

/**
 * Sets the virtual times of a queue from which nothing was taken yet to what an earlier owner saw, whoever came here meanwhile:
 * the lead of those that are named, none for the others, and what was charged for requests adopted from it.
 */
export function restoreVirtualTimes<Entry extends QueueEntry>(
  records: Iterable<VirtualTime>,
  { tenants, contest, homeOf }: RestoreOptions<Entry>,
): void {
  const groupLeadsMs = new Map<Branch<Entry>, number>();
  const tenantLeadsMs = new Map<string, number>();
  for (const { kind, name, class: className = defaultTenantClass, aheadMs } of records) {
    if (kind === "group") groupLeadsMs.set(tenants.branch({ class: className, group: name }), aheadMs);
    else tenantLeadsMs.set(name, aheadMs);
  }

  for (const group of tenants.groups()) {
    group.v = (groupLeadsMs.get(group) ?? 0) + inFlightV(group);
    contest.reorderGroup(group);
  }
  for (const tenant of tenants.known()) {
    tenant.v = (tenantLeadsMs.get(tenant.name) ?? 0) + inFlightV(tenant);
    tenantLeadsMs.delete(tenant.name);
    contest.reorder(tenant);
  }
  for (const [name, v] of tenantLeadsMs) {
    tenants.idle.owe(name, { branch: tenants.branch(homeOf(name)), v, dueMs: undefined });
  }
}

/** All entries in lanes, so that adding them in this order elsewhere lifts nobody above those that received less. */
export function listEntries<Entry extends QueueEntry>(tenants: Tenants<Entry>): Entry[] {
  return [...tenants.known()]
    .filter((tenant) => tenant.waiting > 0)
    .sort((a, b) => rankOf(a) - rankOf(b) || rootV(a) - rootV(b) || a.v - b.v)
    .flatMap((tenant) => tenant.lanes.toSorted((a, b) => a.v - b.v))
    .flatMap((lane) => lane.entries.inOrder());
}

function rankOf<Entry extends QueueEntry>({ branch }: Tenant<Entry>): number {
  return branch.poolClass.rank;
}

/** Virtual time of a tenant's group, or of a tenant without group, among the children of the root of its class. */
function rootV<Entry extends QueueEntry>({ branch, v }: Tenant<Entry>): number {
  return branch.parent === undefined ? v : branch.v;
}
