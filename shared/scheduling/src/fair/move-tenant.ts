import type { QueueEntry } from "../request-queue.ts";
import { liftV, type Contest } from "./contest.ts";
import { frontOf, hasWork, inFlightV, settledV, type Branch, type Tenant } from "./tree.ts";
import { changeFront } from "./waiting-cost.ts";
import { endWork, startWork } from "./working-weights.ts";

export interface MoveOptions<Entry extends QueueEntry> {
  readonly branch: Branch<Entry>;
  readonly contest: Contest<Entry>;
}

/**
 * Moves a tenant to another group or class, with all that it has waiting and in flight. What it owed to the others where it was
 * it owes to those it comes to; what is in flight is charged there, too.
 */
export function moveTenant<Entry extends QueueEntry>(
  tenant: Tenant<Entry>,
  { branch: to, contest }: MoveOptions<Entry>,
): void {
  const { branch: from, isParked } = tenant;
  const isWorking = hasWork(tenant);
  const v = owedV({ branch: from, v: settledV(tenant) }, to) + inFlightV(tenant);

  if (!isParked) contest.park(tenant);
  if (isWorking) endWork(tenant);
  moveInFlight(tenant, { from, to });
  contest.reorderGroup(from);

  tenant.branch = to;
  tenant.v = v;
  for (const lane of tenant.lanes) changeFront(lane, frontOf(to, lane.kind));
  if (isWorking) startWork(tenant);
  contest.reorderGroup(to);
  if (!isParked) contest.unpark(tenant);
}

/** The virtual time in another branch of somebody who owes there what it owes here. */
export function owedV<Entry extends QueueEntry>(
  { branch, v }: Pick<Tenant<Entry>, "branch" | "v">,
  to: Branch<Entry>,
): number {
  return branch === to ? v : liftV(to) + Math.max(0, v - liftV(branch));
}

/** Groups are charged for what their tenants have in flight. */
function moveInFlight<Entry extends QueueEntry>(
  { inFlight, unsettledMs }: Tenant<Entry>,
  { from, to }: { readonly from: Branch<Entry>; readonly to: Branch<Entry> },
): void {
  for (const { branch, sign } of [
    { branch: from, sign: -1 },
    { branch: to, sign: 1 },
  ]) {
    if (branch.parent === undefined) continue;
    branch.group.inFlight += sign * inFlight;
    branch.inFlight += sign * inFlight;
    branch.unsettledMs = branch.inFlight === 0 ? 0 : branch.unsettledMs + sign * unsettledMs;
    branch.v += (sign * unsettledMs) / branch.policy.weight;
  }
}
