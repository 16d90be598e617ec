import type { QueueEntry } from "../request-queue.ts";
import { laneLiftV, liftV } from "./contest.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, Lane, Tenant } from "./tree.ts";

/** Virtual times are kept below this as far as their differences allow: doubles still tell 0.0002 ms apart there. */
const mostV = 2 ** 40;

/** What is subtracted is a multiple of this, so that no contender's virtual time is rounded by it. */
const stepV = 2 ** 39;

/** Subtracts what the virtual times of a tenant, its group and its lanes have in common with their siblings, once they are large. */
export function keepSmall<Entry extends QueueEntry>(tenants: Tenants<Entry>, lane: Lane<Entry>): void {
  const tenant = lane.owner;
  const { branch } = tenant;
  if (lane.v > mostV) lowerLanes(tenant);
  if (tenant.v > mostV) lowerChildren(tenants, branch);
  if (branch.parent !== undefined && branch.v > mostV) lowerChildren(tenants, branch.parent);
}

function lowerChildren<Entry extends QueueEntry>(tenants: Tenants<Entry>, branch: Branch<Entry>): void {
  const commonV = commonPart(liftV(branch));
  if (commonV <= 0) return;
  branch.lastV -= commonV;
  branch.floor.lower(commonV);
  for (const { contenders } of branch.fronts.values()) contenders.lower(commonV);
  for (const tenant of tenants.known()) if (tenant.branch === branch) tenant.v -= commonV;
  for (const [, debt] of tenants.idle.debts()) if (debt.branch === branch) debt.v -= commonV;
  for (const group of tenants.groups()) if (group.parent === branch) group.v -= commonV;
}

function lowerLanes<Entry extends QueueEntry>(tenant: Tenant<Entry>): void {
  const commonV = commonPart(laneLiftV(tenant));
  if (commonV <= 0) return;
  tenant.lastV -= commonV;
  for (const lane of tenant.lanes) lane.v -= commonV;
}

function commonPart(v: number): number {
  return Math.floor(v / stepV) * stepV;
}
