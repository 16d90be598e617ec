import type { QueueEntry } from "../request-queue.ts";
import type { Core } from "./core.ts";
import { laneOf, type Branch, type Lane, type Tenant } from "./tree.ts";
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

/** Copies who received what. Done once everything that waits and runs is in the copy. */
export function copyShares<Entry extends QueueEntry>(from: Core<Entry>, to: Core<Entry>): void {
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

function copyBranch<Entry extends QueueEntry>(branch: Branch<Entry>, to: Core<Entry>): void {
  const twin = to.tenants.branch({ class: branch.poolClass.name, group: branch.name });
  twin.v = branch.v;
  twin.lastV = branch.lastV;
  const { guarantee } = branch.group;
  if (guarantee !== undefined && twin.group.guarantee !== undefined) {
    twin.group.guarantee.dueMs = guarantee.dueMs;
    to.guarantees.reorder(twin.group);
  }
  to.contest.reorderGroup(twin);
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
  if (tenant.guarantee !== undefined && twin.guarantee !== undefined) {
    twin.guarantee.dueMs = tenant.guarantee.dueMs;
    to.guarantees.reorder(twin);
  }
  to.contest.reorder(twin);
}
