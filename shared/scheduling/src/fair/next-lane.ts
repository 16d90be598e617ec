import type { BatchLimits, QueueEntry } from "../request-queue.ts";
import type { Contest } from "./contest.ts";
import { hasEarned } from "./classes.ts";
import { estimateMs } from "./cost-estimate.ts";
import type { Guarantees } from "./guarantees.ts";
import { groupHasRoom, hasRoom } from "./room.ts";
import type { Tenants } from "./tenants.ts";
import type { Branch, Contender, Front, Group, Holder, Lane, LaneKind, Tenant } from "./tree.ts";
import { contends } from "./tree.ts";

/** What a worker asks for. */
export interface Ask {
  readonly kinds: readonly LaneKind[];
  readonly limits: Pick<BatchLimits, "maxBytes">;
  readonly nowMs: number;
}

/**
 * Finds the lane whose head goes next: of a class that its floor gives one, else of who is owed a guarantee, else of
 * the highest class; the fairest at every level among those that contend, have not reached `maxInFlight`, and have a head that
 * the worker can run.
 */
export interface NextLane<Entry extends QueueEntry> {
  find(ask: Ask): Lane<Entry> | undefined;
  /** Ends a batch: lanes whose head this worker could not run contend again. */
  putBack(): void;
}

export interface NextLaneOptions<Entry extends QueueEntry> {
  readonly tenants: Tenants<Entry>;
  readonly contest: Contest<Entry>;
  readonly guarantees: Guarantees<Entry>;
  /** Gets the heads that are past their deadline; they are in no lane any more. */
  readonly onLate: (entry: Entry) => void;
}

export function createNextLane<Entry extends QueueEntry>(options: NextLaneOptions<Entry>): NextLane<Entry> {
  const { tenants, contest, guarantees, onLate } = options;
  const { classes } = tenants;
  let aside: Lane<Entry>[] = [];
  /** Whether a tenant has moved since this was set to `false`. */
  let hasMoved = false;

  /** Whether the tenant may have one more in flight, and is still where it was found. One without room is parked. */
  const tenantMayStart = (tenant: Tenant<Entry>): boolean => {
    const { branch } = tenant;
    tenants.refreshTenant(tenant);
    if (tenant.branch !== branch) {
      hasMoved = true;
      return false;
    }
    if (hasRoom(tenant)) return true;
    contest.park(tenant);
    return false;
  };

  /** Whether the group may have one more in flight; it is parked otherwise. */
  const branchMayStart = (branch: Branch<Entry>): boolean => {
    tenants.refreshBranch(branch);
    if (groupHasRoom(branch)) return true;
    contest.park(branch);
    return false;
  };

  /** Whether the head of a lane that stands in its heap can run. If not, the lane has left its place, or has another head. */
  const isHeadReady = (lane: Lane<Entry>, { limits, nowMs }: Ask): boolean => {
    const { head } = lane;
    if (head === undefined) return false;
    if (head.deadlineMs <= nowMs) {
      lane.entries.pop();
      onLate(head);
      contest.reseat(lane);
      return false;
    }
    if (head.bytes <= limits.maxBytes) return true;
    contest.setAside(lane);
    aside.push(lane);
    return false;
  };

  /** Whether a first contender has something to run. If not, it or its head has left, so that another may be first. */
  const isReady = (contender: Contender<Entry>, ask: Ask): boolean =>
    contender.type === "lane"
      ? tenantMayStart(contender.owner) && isHeadReady(contender, ask)
      : branchMayStart(contender.owner) && hasReady(contender, ask);

  const hasReady = (front: Front<Entry>, ask: Ask): boolean => {
    for (;;) {
      const first = front.contenders.peek();
      if (first === undefined) return false;
      if (isReady(first, ask)) return true;
    }
  };

  /** The fairest contender of a branch for any of the kinds, ready or not. */
  const firstOf = (branch: Branch<Entry>, kinds: readonly LaneKind[]): Contender<Entry> | undefined => {
    let fairest: Contender<Entry> | undefined;
    for (const kind of kinds) {
      const first = branch.fronts.get(kind)?.contenders.peek();
      if (first !== undefined && (fairest === undefined || isFairer(first, fairest))) fairest = first;
    }
    return fairest;
  };

  /** The lane of one tenant that goes next; the tenant must have room. */
  const laneOfTenant = (tenant: Tenant<Entry>, ask: Ask): Lane<Entry> | undefined => {
    for (;;) {
      let next: Lane<Entry> | undefined;
      for (const lane of tenant.lanes) {
        if (lane.place === -1 || !ask.kinds.includes(lane.kind)) continue;
        if (next === undefined || lane.v < next.v || (lane.v === next.v && lane.since < next.since)) {
          next = lane;
        }
      }
      if (next === undefined || isHeadReady(next, ask)) return next;
    }
  };

  const fairestLane = (branch: Branch<Entry>, ask: Ask): Lane<Entry> | undefined => {
    for (;;) {
      const first = firstOf(branch, ask.kinds);
      if (first === undefined) return undefined;
      if (!isReady(first, ask)) continue;
      if (first.type === "front") return fairestLane(first.owner, ask);
      return ask.kinds.length === 1 ? first : laneOfTenant(first.owner, ask);
    }
  };

  /** The lane of one group that goes next, of its highest class first. */
  const laneOfGroup = ({ branches }: Group<Entry>, ask: Ask): Lane<Entry> | undefined => {
    for (const branch of branches) {
      const lane = contends(branch) && branchMayStart(branch) ? fairestLane(branch, ask) : undefined;
      if (lane !== undefined) return lane;
    }
    return undefined;
  };

  /** The lane that goes next of somebody who is owed a guarantee. */
  const laneOfHolder = (holder: Holder<Entry>, ask: Ask): Lane<Entry> | undefined => {
    if ("branches" in holder) return laneOfGroup(holder, ask);
    return tenantMayStart(holder) && branchMayStart(holder.branch) ? laneOfTenant(holder, ask) : undefined;
  };

  const laneOfHighest = (ask: Ask): Lane<Entry> | undefined => {
    for (const root of classes.roots) {
      const lane = root.contending === 0 ? undefined : fairestLane(root, ask);
      if (lane !== undefined) return lane;
    }
    return undefined;
  };

  /** The lane that goes next of a class whose floor gives it one. */
  const laneOfEarner = (ask: Ask): Lane<Entry> | undefined => {
    let isBelow = false;
    for (const root of classes.roots) {
      if (root.contending === 0) continue;
      if (isBelow && root.poolClass.earnedMs > 0) {
        const lane = fairestLane(root, ask);
        const head = lane?.head;
        if (head !== undefined && lane !== undefined && hasEarned(root.poolClass, estimateMs(lane, head))) {
          return lane;
        }
      }
      isBelow = true;
    }
    return undefined;
  };

  return {
    find: (ask) => {
      for (;;) {
        hasMoved = false;
        const lane =
          laneOfEarner(ask) ??
          guarantees.owedLane((holder) => laneOfHolder(holder, ask)) ??
          laneOfHighest(ask);
        // Who moved may wait where nothing was found before.
        if (lane !== undefined || !hasMoved) return lane;
      }
    },
    putBack: () => {
      if (aside.length > 0) {
        for (const lane of aside) contest.putBack(lane);
        aside = [];
      }
      guarantees.putBack();
    },
  };
}

/** Whether `a` goes before `b`: it received less, or as much and waited longer. */
function isFairer<Entry extends QueueEntry>(a: Contender<Entry>, b: Contender<Entry>): boolean {
  return a.owner.v < b.owner.v || (a.owner.v === b.owner.v && a.since < b.since);
}
