import type { QueueEntry } from "../request-queue.ts";
import type { Guarantees } from "./guarantees.ts";
import {
  contends,
  settledV,
  type Branch,
  type Contender,
  type Front,
  type Lane,
  type Tenant,
} from "./tree.ts";

/**
 * Who contends for the next batch, and in which order.
 *
 * A lane is backlogged while it has a head, a tenant while one of its lanes is. A tenant contends while it is backlogged and
 * not parked; a group while one of its tenants contends and it is not parked itself; a class while one of its children does.
 * The lanes of those that contend stand in the heap of their front; the front of a group stands in the front of its class of
 * the same kind while it has somebody in it.
 *
 * **Lift.** Whoever starts to contend gets at least the virtual time of the sibling that received least of those that
 * contend or have something in flight, without the charges of that, or of the one that had either last where nobody has. It is
 * never lowered by this: a debt survives idling, a claim does not, and neither does a claim to what `maxInFlight` kept from it.
 */
export interface Contest<Entry extends QueueEntry> {
  /** Called after the head of a lane may have changed. */
  reseat(lane: Lane<Entry>): void;
  /** Called after the head of a lane was taken, and charged to the lane, its tenant and its group. */
  advance(lane: Lane<Entry>): void;
  /** Called after the virtual time of a tenant and its group changed. */
  reorder(tenant: Tenant<Entry>): void;
  /** Called after the virtual time of a group changed, and of no other. */
  reorderGroup(branch: Branch<Entry>): void;
  /** Leaves a node out until {@link Contest.unpark}; for parked ones nothing happens. */
  park(node: Tenant<Entry> | Branch<Entry>): void;
  /** Lets a parked node contend again; for others nothing happens. */
  unpark(node: Tenant<Entry> | Branch<Entry>): void;
  /** Takes a lane out of its heap until {@link Contest.putBack}, while it counts as contending. */
  setAside(lane: Lane<Entry>): void;
  putBack(lane: Lane<Entry>): void;
}

export function createContest<Entry extends QueueEntry>(guarantees: Guarantees<Entry>): Contest<Entry> {
  const enter = (contender: Contender<Entry>): void => {
    if (contender.front === undefined) return;
    contender.front.contenders.push(contender, contender.owner.v, contender.since);
    refresh(contender.front);
  };

  const leave = (contender: Contender<Entry>): void => {
    if (contender.front === undefined || contender.place === -1) return;
    contender.front.contenders.remove(contender);
    refresh(contender.front);
  };

  const update = (contender: Contender<Entry>): void => {
    if (contender.front === undefined || contender.place === -1) return;
    contender.front.contenders.update(contender, contender.owner.v, contender.since);
    refresh(contender.front);
  };

  /** Brings the front of a group to where its first contender belongs. */
  const refresh = (front: Front<Entry>): void => {
    if (front.front === undefined) return;
    const first = front.contenders.peek();
    if (first === undefined) {
      leave(front);
      return;
    }
    front.since = first.since;
    if (front.place !== -1) update(front);
    else if (!front.owner.isParked) enter(front);
  };

  /** Brings a child to where it belongs in the floor of its branch, if it belongs there. */
  const refloor = (branch: Branch<Entry>, child: Tenant<Entry> | Branch<Entry>): void => {
    const isIn = child.place !== -1;
    if (contends(child) || (child.inFlight > 0 && !child.isParked)) {
      if (isIn) branch.floor.update(child, settledV(child), 0);
      else branch.floor.push(child, settledV(child), 0);
    } else if (isIn) {
      branch.floor.remove(child);
      branch.lastV = settledV(child);
    }
  };

  const startTenant = (tenant: Tenant<Entry>): void => {
    const { branch } = tenant;
    tenant.v = Math.max(tenant.v, liftV(branch));
    refloor(branch, tenant);
    countIn(branch);
    guarantees.join(tenant);
  };

  const stopTenant = (tenant: Tenant<Entry>): void => {
    const { branch } = tenant;
    refloor(branch, tenant);
    countOut(branch);
    guarantees.leave(tenant);
  };

  const countIn = (branch: Branch<Entry>): void => {
    branch.contending += 1;
    if (branch.contending === 1 && !branch.isParked) startBranch(branch);
  };

  const countOut = (branch: Branch<Entry>): void => {
    branch.contending -= 1;
    if (branch.contending === 0 && !branch.isParked) stopBranch(branch);
  };

  const startBranch = (branch: Branch<Entry>): void => {
    const { parent } = branch;
    if (parent === undefined) return;
    branch.v = Math.max(branch.v, liftV(parent));
    refloor(parent, branch);
    countIn(parent);
    guarantees.join(branch.group);
  };

  const stopBranch = (branch: Branch<Entry>): void => {
    const { parent } = branch;
    if (parent === undefined) return;
    refloor(parent, branch);
    countOut(parent);
    if (!branch.group.branches.some(contends)) guarantees.leave(branch.group);
  };

  const startLane = (lane: Lane<Entry>, head: Entry): void => {
    const tenant = lane.owner;
    lane.v = Math.max(lane.v, laneLiftV(tenant));
    lane.head = head;
    lane.since = head.arrival;
    tenant.contending += 1;
    if (tenant.isParked) return;
    if (tenant.contending === 1) startTenant(tenant);
    enter(lane);
  };

  const stopLane = (lane: Lane<Entry>): void => {
    const tenant = lane.owner;
    leave(lane);
    tenant.lastV = lane.v;
    lane.head = undefined;
    tenant.contending -= 1;
    if (tenant.contending === 0 && !tenant.isParked) stopTenant(tenant);
  };

  /** Gives a lane the head that it has now, and leaves it at its place. */
  const changeHead = (lane: Lane<Entry>): void => {
    const head = lane.entries.peek();
    if (head === undefined) {
      if (lane.head !== undefined) stopLane(lane);
    } else if (lane.head === undefined) {
      startLane(lane, head);
    } else {
      lane.head = head;
      lane.since = head.arrival;
    }
  };

  const parkTenant = (tenant: Tenant<Entry>): void => {
    for (const lane of tenant.lanes) leave(lane);
    tenant.isParked = true;
    if (tenant.contending > 0) stopTenant(tenant);
    else refloor(tenant.branch, tenant);
  };

  const unparkTenant = (tenant: Tenant<Entry>): void => {
    tenant.isParked = false;
    if (tenant.contending > 0) startTenant(tenant);
    else refloor(tenant.branch, tenant);
    for (const lane of tenant.lanes) if (lane.head !== undefined) enter(lane);
  };

  const parkBranch = (branch: Branch<Entry>): void => {
    branch.isParked = true;
    for (const front of branch.fronts.values()) leave(front);
    if (branch.contending > 0) stopBranch(branch);
  };

  const unparkBranch = (branch: Branch<Entry>): void => {
    branch.isParked = false;
    if (branch.contending === 0) return;
    startBranch(branch);
    for (const front of branch.fronts.values()) refresh(front);
  };

  const reorderGroup = (branch: Branch<Entry>): void => {
    if (branch.parent === undefined) return;
    refloor(branch.parent, branch);
    for (const front of branch.fronts.values()) update(front);
  };

  const reorder = (tenant: Tenant<Entry>): void => {
    refloor(tenant.branch, tenant);
    for (const lane of tenant.lanes) update(lane);
    reorderGroup(tenant.branch);
  };

  return {
    reseat: (lane) => {
      changeHead(lane);
      update(lane);
    },
    advance: (lane) => {
      changeHead(lane);
      reorder(lane.owner);
    },
    reorder,
    reorderGroup,
    park: (node) => {
      if (node.isParked) return;
      if ("fronts" in node) parkBranch(node);
      else parkTenant(node);
    },
    unpark: (node) => {
      if (!node.isParked) return;
      if ("fronts" in node) unparkBranch(node);
      else unparkTenant(node);
    },
    setAside: leave,
    putBack: (lane) => {
      if (lane.head !== undefined && lane.place === -1 && !lane.owner.isParked) enter(lane);
    },
  };
}

/**
 * The least virtual time that a child of the branch gets when it starts to contend. Charges of what is in flight do not count:
 * who comes back would wait for another request of a tenant that has all workers.
 */
export function liftV<Entry extends QueueEntry>(branch: Branch<Entry>): number {
  const first = branch.floor.peek();
  return first === undefined ? branch.lastV : settledV(first);
}

/** The same for the lanes of a tenant. */
export function laneLiftV<Entry extends QueueEntry>(tenant: Tenant<Entry>): number {
  let leastV = Infinity;
  for (const lane of tenant.lanes) if (lane.head !== undefined && lane.v < leastV) leastV = lane.v;
  return leastV === Infinity ? tenant.lastV : leastV;
}
