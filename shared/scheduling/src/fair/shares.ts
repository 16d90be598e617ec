import type { QueueEntry } from "../request-queue.ts";
import { liftV, type Contest } from "./contest.ts";
import type { Tenants } from "./tenants.ts";
import { hasWork, inFlightV, settledV, type Branch, type Tenant } from "./tree.ts";

/** What the next owner of a pool has to know to go on being fair. */
export interface VirtualTime {
  readonly kind: "tenant" | "group";
  readonly name: string;
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
    const lead = aheadMs(tenants.root, settledV(group));
    if (lead > 0) yield { kind: "group", name: group.name, aheadMs: lead };
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
  readonly groupOf: (tenant: string) => string;
}

/**
 * Sets the virtual times of a queue from which nothing was taken yet to what an earlier owner saw, whoever came here meanwhile:
 * the lead of those that are named, none for the others, and what was charged for requests adopted from it.
 */
export function restoreVirtualTimes<Entry extends QueueEntry>(
  records: Iterable<VirtualTime>,
  { tenants, contest, groupOf }: RestoreOptions<Entry>,
): void {
  const leadsMs = { group: new Map<string, number>(), tenant: new Map<string, number>() };
  for (const { kind, name, aheadMs } of records) leadsMs[kind].set(name, aheadMs);

  for (const name of leadsMs.group.keys()) tenants.branch(name);
  for (const group of tenants.groups()) {
    group.v = (leadsMs.group.get(group.name) ?? 0) + inFlightV(group);
    contest.reorderGroup(group);
  }
  for (const tenant of tenants.known()) {
    tenant.v = (leadsMs.tenant.get(tenant.name) ?? 0) + inFlightV(tenant);
    leadsMs.tenant.delete(tenant.name);
    contest.reorder(tenant);
  }
  for (const [name, v] of leadsMs.tenant) {
    tenants.idle.owe(name, { branch: tenants.branch(groupOf(name)), v, dueMs: undefined });
  }
}

/** All entries in lanes, so that adding them in this order elsewhere lifts nobody above those that received less. */
export function listEntries<Entry extends QueueEntry>(tenants: Tenants<Entry>): Entry[] {
  return [...tenants.known()]
    .filter((tenant) => tenant.waiting > 0)
    .sort((a, b) => rootV(a) - rootV(b) || a.v - b.v)
    .flatMap((tenant) => tenant.lanes.toSorted((a, b) => a.v - b.v))
    .flatMap((lane) => lane.entries.inOrder());
}

/** Virtual time of a tenant's group, or of a tenant without group, among the children of the root. */
function rootV<Entry extends QueueEntry>({ branch, v }: Tenant<Entry>): number {
  return branch.parent === undefined ? v : branch.v;
}
