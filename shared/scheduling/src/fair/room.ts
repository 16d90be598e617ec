import type { QueueEntry } from "../request-queue.ts";
import type { Branch, Tenant } from "./tree.ts";

/* What `maxInFlight` leaves. */

/** Whether a tenant may have one more request in flight. */
export function hasRoom<Entry extends QueueEntry>({ inFlight, policy }: Tenant<Entry>): boolean {
  // Who has nothing in flight has room: the policy is not looked at, a wait for memory less.
  return inFlight === 0 || inFlight < policy.maxInFlight;
}

/** The same for a group, whose branches count together. */
export function groupHasRoom<Entry extends QueueEntry>({ group, policy }: Branch<Entry>): boolean {
  return group.inFlight < policy.maxInFlight;
}

/** Whether a tenant, or its group, has half or more of what it may have in flight: what is settled is missed soon. */
export function nearsLimit<Entry extends QueueEntry>({ inFlight, policy, branch }: Tenant<Entry>): boolean {
  return 2 * inFlight >= policy.maxInFlight || 2 * branch.group.inFlight >= branch.policy.maxInFlight;
}
