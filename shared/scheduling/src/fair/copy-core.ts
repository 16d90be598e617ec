import type { QueueEntry } from "../request-queue.ts";
import type { Core } from "./core.ts";
import { laneOf, type Branch, type Holder, type Lane, type Tenant } from "./tree.ts";
import { reprice } from "./waiting-cost.ts";

/** Copies what is known of costs. Done before a copy takes entries in, so that they are charged as the original charges them. */
export function copyEstimates<Entry extends QueueEntry>(from: Core<Entry>, to: Core<Entry>): void {
  for (const [name, { model }] of from.models) to.model(name).model.costPerItemMs = model.costPerItemMs;
  for (const tenant of from.tenants.known()) {
    if (tenant.waiting === 0 && tenant.inFlight === 0) continue;
    for (const [lane, twin] of twinLanes(tenant, { from, to, twin: to.tenants.open(tenant.name) })) {
      reprice(twin, lane.costPerItemMs);
    }
  }
}

/** Copies who received what, and who is held back. Done once everything that waits and runs is in the copy. */
export function copyShares<Entry extends QueueEntry>(from: Core<Entry>, to: Core<Entry>): void {
  // First: who is parked leaves the floor of its branch, which notes it.
  for (const branch of from.tenants.groups()) {
    if (branch.isParked) to.contest.park(twinBranch(branch, to));
  }
  for (const { name, isParked } of from.tenants.known()) {
    const twin = isParked ? to.tenants.find(name) : undefined;
    if (twin !== undefined) to.contest.park(twin);
  }
  to.guarantees.setBack(from.guarantees.clockMs());
  for (const root of from.tenants.classes.roots) {
    const { earnedMs, recentMs, name } = root.poolClass;
    const twin = to.tenants.classes.root(name);
    Object.assign(twin.poolClass, { earnedMs, recentMs });
    twin.lastV = root.lastV;
  }
  for (const branch of from.tenants.groups()) copyBranch(branch, to);
  for (const tenant of from.tenants.known()) {
    const twin = to.tenants.find(tenant.name);
    if (twin !== undefined) copyTenant(tenant, { from, to, twin });
  }
}

function twinBranch<Entry extends QueueEntry>(
  { poolClass, name }: Branch<Entry>,
  to: Core<Entry>,
): Branch<Entry> {
  return to.tenants.branch({ class: poolClass.name, group: name });
}

function copyBranch<Entry extends QueueEntry>(branch: Branch<Entry>, to: Core<Entry>): void {
  const twin = twinBranch(branch, to);
  twin.v = branch.v;
  twin.lastV = branch.lastV;
  copyGuarantee(branch.group, { to, twin: twin.group });
  to.contest.reorderGroup(twin);
}

function copyGuarantee<Entry extends QueueEntry>(
  { guarantee }: Holder<Entry>,
  { to, twin }: { readonly to: Core<Entry>; readonly twin: Holder<Entry> },
): void {
  if (guarantee === undefined || twin.guarantee === undefined) return;
  twin.guarantee.dueMs = guarantee.dueMs;
  twin.guarantee.number = guarantee.number;
  to.guarantees.reorder(twin);
}

interface TenantCopy<Entry extends QueueEntry> {
  readonly from: Core<Entry>;
  readonly to: Core<Entry>;
  readonly twin: Tenant<Entry>;
}

/** Each lane of a tenant with that of its twin. */
function* twinLanes<Entry extends QueueEntry>(
  tenant: Tenant<Entry>,
  { from, to, twin }: TenantCopy<Entry>,
): Iterable<readonly [Lane<Entry>, Lane<Entry>]> {
  for (const [name, model] of from.models) {
    for (const kind of ["shared", "alone"] as const) {
      const lane = tenant.lanes.find((each) => each.kind === model[kind]);
      if (lane !== undefined) yield [lane, laneOf(twin, to.model(name)[kind])];
    }
  }
}

function copyTenant<Entry extends QueueEntry>(tenant: Tenant<Entry>, copy: TenantCopy<Entry>): void {
  const { to, twin } = copy;
  twin.v = tenant.v;
  twin.lastV = tenant.lastV;
  for (const [lane, twinLane] of twinLanes(tenant, copy)) twinLane.v = lane.v;
  copyGuarantee(tenant, copy);
  to.contest.reorder(twin);
}
