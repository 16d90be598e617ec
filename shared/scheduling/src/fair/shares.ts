import type { QueueEntry } from "../request-queue.ts";
import { liftV } from "./contest.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, Tenant } from "./tree.ts";

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
  const working = [...tenants.known()].filter(({ waiting, inFlight }) => waiting > 0 || inFlight > 0);
  for (const tenant of working) {
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

function settledV<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>): number {
  return node.v - node.unsettledMs / node.policy.weight;
}

/** Notes the leads that an earlier owner saw, for tenants and groups that have no work here yet. */
export function restoreVirtualTimes<Entry extends QueueEntry>(
  tenants: Tenants<Entry>,
  records: Iterable<VirtualTime>,
  groupOf: (tenant: string) => string,
): void {
  for (const { kind, name, aheadMs } of records) {
    if (kind === "group") {
      const group = tenants.branch(name);
      group.v = Math.max(group.v, liftV(tenants.root) + aheadMs);
    } else if (tenants.find(name) === undefined) {
      const branch = tenants.branch(groupOf(name));
      tenants.idle.owe(name, { branch, v: liftV(branch) + aheadMs, dueMs: undefined });
    }
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
