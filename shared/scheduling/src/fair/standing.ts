import type { QueueEntry } from "../request-queue.ts";
import type { Lane } from "./tree.ts";

/** What a charge changes of a lane, its tenant and its group, apart from counts. */
export interface Standing {
  readonly laneV: number;
  readonly tenantV: number;
  readonly tenantChargedMs: number;
  readonly tenantUnsettledMs: number;
  readonly branchV: number;
  readonly branchUnsettledMs: number;
  /** Of the guarantee of the tenant, and of its group; 0 without one. */
  readonly tenantDueMs: number;
  readonly groupDueMs: number;
}

export function standingOf<Entry extends QueueEntry>(lane: Lane<Entry>): Standing {
  const tenant = lane.owner;
  const { branch } = tenant;
  return {
    laneV: lane.v,
    tenantV: tenant.v,
    tenantChargedMs: tenant.chargedMs,
    tenantUnsettledMs: tenant.unsettledMs,
    branchV: branch.v,
    branchUnsettledMs: branch.unsettledMs,
    tenantDueMs: tenant.guarantee?.dueMs ?? 0,
    groupDueMs: branch.group.guarantee?.dueMs ?? 0,
  };
}

/** Sets everything to the bit as it was: differences of rounding would add up, and decide between equals. */
export function restoreStanding<Entry extends QueueEntry>(lane: Lane<Entry>, standing: Standing): void {
  const tenant = lane.owner;
  const { branch } = tenant;
  lane.v = standing.laneV;
  tenant.v = standing.tenantV;
  tenant.chargedMs = standing.tenantChargedMs;
  tenant.unsettledMs = standing.tenantUnsettledMs;
  branch.v = standing.branchV;
  branch.unsettledMs = standing.branchUnsettledMs;
  if (tenant.guarantee !== undefined) tenant.guarantee.dueMs = standing.tenantDueMs;
  if (branch.group.guarantee !== undefined) branch.group.guarantee.dueMs = standing.groupDueMs;
}
