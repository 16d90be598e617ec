import type { TenantClass } from "@sluice/protocol";
import type { QueueEntry } from "../request-queue.ts";
import type { GroupPolicy, TenantPolicy } from "../share-policy.ts";
import { LaneEntries } from "./lane-entries.ts";
import type { LaneRate } from "./lane-rate.ts";
import { PlacedHeap } from "./placed-heap.ts";

/*
 * The records of the fair queue: classes, groups and tenants, the lanes of each tenant, and the heaps they stand in.
 * Plain records on purpose: there may be a hundred thousand tenants.
 */

/** What the queue knows of a model. */
export interface ModelRecord {
  /** Number of its requests that wait. */
  waiting: number;
  /** Of all tenants; 0 while nothing is known. */
  costPerItemMs: number;
}

/** Which lanes may fill one batch: those of one model, with requests that run alone or with requests that do not. */
export interface LaneKind {
  readonly model: ModelRecord;
}

/** What has a share: a tenant, a group, and the root of a class, whose share is all that the class gets. */
interface ShareNode {
  readonly name: string;
  /** Virtual time: what it was charged, in worker-milliseconds by weight. Comparable with that of its siblings only. */
  v: number;
  /** Number of its requests that were taken and not settled. */
  inFlight: number;
  /** What those were charged, in worker-milliseconds. */
  unsettledMs: number;
  /** Its weight in the sum of its branch, see `working-weights.ts`: 0 while it has no work. */
  countedWeight: number;
  /** Number of its children that contend, of a tenant that of its lanes that have a head. */
  contending: number;
  /** Whether it is left out because it has `maxInFlight` in flight. */
  isParked: boolean;
  /** In the floor of its branch; -1 while it is not. */
  place: number;
  /** Of the policies when its own was looked up. */
  revision: number;
}

/** A class in a pool, see `classes.ts`. Virtual times of two classes have nothing to do with each other. */
export interface PoolClass {
  readonly name: TenantClass;
  /** 0 = the highest. */
  readonly rank: number;
  /** What its floor has earned it that it has not received, in worker-milliseconds; negative = it received more. */
  earnedMs: number;
  /** What it received of late, in worker-milliseconds. */
  recentMs: number;
}

/** A group, which has a branch in every class that tenants of it are in: what limits it limits them together. */
export interface Group<Entry extends QueueEntry> {
  /** From the highest class to the lowest. */
  readonly branches: Branch<Entry>[];
  /** Number of their requests that were taken and not settled. */
  inFlight: number;
  /** `undefined` without a `minShare`. */
  guarantee: Guarantee<Entry> | undefined;
  /** What it is guaranteed while it contends, in billionths of the pool. */
  ownPart: number;
  /** What those of its tenants are guaranteed that contend, in billionths of the pool. */
  tenantParts: number;
}

/** Where children contend with each other: tenants in a group, groups and tenants without group in the root of their class. */
export interface Branch<Entry extends QueueEntry> extends ShareNode {
  readonly poolClass: PoolClass;
  /** `undefined` for the root of a class. */
  readonly parent: Branch<Entry> | undefined;
  /** The root of a class stands for itself. */
  readonly group: Group<Entry>;
  policy: GroupPolicy;
  /** Its children that contend, or have something in flight and are not parked; by {@link settledV}. */
  readonly floor: PlacedHeap<Tenant<Entry> | Branch<Entry>>;
  /** Virtual time of the child that left the floor last, as of then. */
  lastV: number;
  readonly fronts: Map<LaneKind, Front<Entry>>;
  /** Number of its children that have work. */
  working: number;
  /** Sum of their weights. */
  workingWeight: number;
}

export interface Tenant<Entry extends QueueEntry> extends ShareNode {
  branch: Branch<Entry>;
  policy: TenantPolicy;
  /** Number of its requests that wait. */
  waiting: number;
  /** What it was charged in all since it has this record. */
  chargedMs: number;
  lanes: readonly Lane<Entry>[];
  /** Virtual time of the lane that lost its head last, as of then. */
  lastV: number;
  /** `undefined` without a `minShare`. */
  guarantee: Guarantee<Entry> | undefined;
}

/** Who may be guaranteed a part of the pool. */
export type Holder<Entry extends QueueEntry> = Tenant<Entry> | Group<Entry>;

/** What a tenant or a group is guaranteed, see `guarantees.ts`. */
export interface Guarantee<Entry extends QueueEntry> {
  readonly holder: Holder<Entry>;
  /** Of the pool's time: above 0, at most 1. */
  readonly part: number;
  /** In the order in which they were given: of several that are owed as much the first goes first. */
  number: number;
  /** It is owed a request once the pool's clock says this. */
  dueMs: number;
  /** Whether its holder contends. */
  contends: boolean;
  /** -1 while its holder does not contend, or stands aside. */
  place: number;
}

/** The waiting requests of one tenant and kind. */
export interface Lane<Entry extends QueueEntry> {
  readonly type: "lane";
  readonly owner: Tenant<Entry>;
  readonly kind: LaneKind;
  front: Front<Entry>;
  readonly entries: LaneEntries<Entry>;
  /** Number that wait, including those set aside because they are late. */
  depth: number;
  /** Sum of their items, each request at least one. */
  waitingItems: number;
  /** Arrival of the entry that found nothing waiting in here. */
  busySince: number;
  /** Number of items that were taken since. */
  takenItems: number;
  /** How fast it is emptied; `undefined` while nobody has asked, which is when much waits in it. */
  rate: LaneRate | undefined;
  /** Virtual time among the lanes of its tenant, all of one weight. */
  v: number;
  /** The first of its entries, as far as its place in the contest goes; `undefined` while none waits. */
  head: Entry | undefined;
  /** Arrival of its head: of contenders with the same virtual time the one that waited longest goes first. */
  since: number;
  /** -1 while it has no head, its tenant is parked, or the worker that asks cannot run its head. */
  place: number;
  /** 0 while nothing is known. */
  costPerItemMs: number;
}

/** The children of a branch that have work of one kind. That of a group is itself a contender in that of its class. */
export interface Front<Entry extends QueueEntry> {
  readonly type: "front";
  readonly owner: Branch<Entry>;
  /** `undefined` for a front of the root of a class. */
  readonly front: Front<Entry> | undefined;
  /** By virtual time, then by `since`. */
  readonly contenders: PlacedHeap<Contender<Entry>>;
  /** Items that wait in its lanes, and those of them in lanes that have no estimate of their own, see `waiting-cost.ts`. */
  waitingItems: number;
  unpricedItems: number;
  /** What the others are estimated to cost. */
  pricedMs: number;
  /** That of its first contender. */
  since: number;
  /** -1 while nobody contends in it, or its group is parked. */
  place: number;
}

export type Contender<Entry extends QueueEntry> = Lane<Entry> | Front<Entry>;

export function createBranch<Entry extends QueueEntry>(
  name: string,
  fields: Pick<Branch<Entry>, "poolClass" | "parent" | "group" | "policy" | "revision">,
): Branch<Entry> {
  return {
    name,
    ...fields,
    v: 0,
    inFlight: 0,
    unsettledMs: 0,
    countedWeight: 0,
    contending: 0,
    isParked: false,
    place: -1,
    floor: new PlacedHeap(),
    lastV: 0,
    fronts: new Map(),
    working: 0,
    workingWeight: 0,
  };
}

export function createGroup<Entry extends QueueEntry>(): Group<Entry> {
  return { branches: [], inFlight: 0, guarantee: undefined, ownPart: 0, tenantParts: 0 };
}

export function createTenant<Entry extends QueueEntry>(
  name: string,
  { branch, policy, revision, v }: Pick<Tenant<Entry>, "branch" | "policy" | "revision" | "v">,
): Tenant<Entry> {
  return {
    name,
    branch,
    policy,
    v,
    inFlight: 0,
    unsettledMs: 0,
    countedWeight: 0,
    contending: 0,
    isParked: false,
    place: -1,
    revision,
    waiting: 0,
    chargedMs: 0,
    lanes: [],
    lastV: 0,
    guarantee: undefined,
  };
}

/** What is in flight, in virtual time. */
export function inFlightV<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>): number {
  return node.unsettledMs / node.policy.weight;
}

/** Virtual time without the charges of what is in flight. */
export function settledV<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>): number {
  return node.v - inFlightV(node);
}

/** Whether a node waits and is not parked. */
export function contends<Entry extends QueueEntry>(node: Tenant<Entry> | Branch<Entry>): boolean {
  return !node.isParked && node.contending > 0;
}

/** Whether a tenant has something waiting or in flight. */
export function hasWork<Entry extends QueueEntry>({ waiting, inFlight }: Tenant<Entry>): boolean {
  return waiting > 0 || inFlight > 0;
}

/** The lane of a tenant for a kind; made when it is needed first. */
export function laneOf<Entry extends QueueEntry>(tenant: Tenant<Entry>, kind: LaneKind): Lane<Entry> {
  for (const lane of tenant.lanes) if (lane.kind === kind) return lane;
  const lane: Lane<Entry> = {
    type: "lane",
    owner: tenant,
    kind,
    front: frontOf(tenant.branch, kind),
    entries: new LaneEntries(),
    depth: 0,
    waitingItems: 0,
    busySince: 0,
    takenItems: 0,
    rate: undefined,
    v: 0,
    head: undefined,
    since: 0,
    place: -1,
    costPerItemMs: 0,
  };
  // Not pushed: an array that grows gets room for seventeen.
  tenant.lanes = tenant.lanes.concat(lane);
  return lane;
}

/** The front of a branch for a kind; made when it is needed first. */
export function frontOf<Entry extends QueueEntry>(branch: Branch<Entry>, kind: LaneKind): Front<Entry> {
  let front = branch.fronts.get(kind);
  if (front === undefined) {
    front = {
      type: "front",
      owner: branch,
      front: branch.parent === undefined ? undefined : frontOf(branch.parent, kind),
      contenders: new PlacedHeap(),
      waitingItems: 0,
      unpricedItems: 0,
      pricedMs: 0,
      since: 0,
      place: -1,
    };
    branch.fronts.set(kind, front);
  }
  return front;
}
