import type { QueueEntry } from "../request-queue.ts";
import { classFloor } from "./classes.ts";
import { liftV } from "./contest.ts";
import { costPerItemMs, estimateMs } from "./cost-estimate.ts";
import { goesBefore } from "./lane-entries.ts";
import type { Tenants } from "./tenants.ts";
import { groupHasRoom, hasRoom, type Branch, type Lane, type PoolClass, type Tenant } from "./tree.ts";

/** When a waiting entry is expected to be taken, as things stand: what comes later may go before it. */
export interface Outlook {
  /** Place among the waiting entries of its tenant: 1 = the next of them. */
  readonly place: number;
  /** Number of entries, of all tenants, that go before it. */
  readonly aheadCount: number;
  /** What those are estimated to cost, in worker-milliseconds. */
  readonly aheadMs: number;
  /** Whether its tenant, or its group, has as much in flight as it may: then it waits for its own to end, too. */
  readonly isHeld: boolean;
}

/** How many entries, and what they cost. */
interface Work {
  readonly count: number;
  readonly costMs: number;
}

/** Waiting work that has a virtual time: a lane, or a tenant or group with what contends in it. */
interface Backlog extends Work {
  readonly v: number;
  readonly weight: number;
  readonly parts: readonly Backlog[];
  /** Of a lane: what it runs first until `budgetMs` of it ran, and just then if that arrived before `arrival`. */
  start(budgetMs: number, arrival: number): Work;
}

/** Virtual times closer than this are the same: sums of estimates in another order. */
const sameV = 1e-6;

/**
 * Foretells the order in which the queue serves, without serving.
 *
 * An entry starts at the virtual time of its lane plus the cost of the entries before it there; whatever stands beside the
 * lane runs first what it can before its own virtual time gets there, `(start - v) * weight`. Its tenant starts with that sum in
 * the same way among the tenants of its group, and the group among all others. Within a sibling that has parts the amount is
 * divided as they would run: all parts reach one virtual time together. At most one pass over all that waits.
 *
 * What waits in higher classes goes before it too, but no more than runs until the floor of its class gives it a start; and of
 * lower classes what their floors give in all that time.
 *
 * Exact to within one batch where all call one model. With several, a batch takes along whoever has work for its model, which
 * moves a tenant's models against each other, and nobody knows which batches come.
 *
 * Not foreseen: guarantees (`minShare`), `maxInFlight` of others, workers that cannot run every model.
 *
 * Source: finish order of start-time fair queueing (Goyal et al., 1996).
 */
export function foretell<Entry extends QueueEntry>(
  tenants: Tenants<Entry>,
  lane: Lane<Entry>,
  entry: Entry,
): Outlook {
  const tenant = lane.owner;
  const { branch } = tenant;
  const before = workBeforeIn(lane, entry);

  const ownLane = { v: lane.v, weight: 1, arrival: entry.arrival };
  const lanes = tenant.lanes.filter((other) => other !== lane).map(laneBacklog);
  const inTenant = add(before, workBefore(lanes, ownLane, before));

  const ownTenant = { v: tenantV(tenant), weight: tenant.policy.weight, arrival: entry.arrival };
  const inBranch = add(inTenant, workBefore(besides(tenants, branch, tenant), ownTenant, inTenant));

  const ownBranch = { v: branch.v, weight: branch.policy.weight, arrival: entry.arrival };
  const { parent } = branch;
  const inClass =
    parent === undefined
      ? inBranch
      : add(inBranch, workBefore(besides(tenants, parent, branch), ownBranch, inBranch));
  const ahead = add(
    inClass,
    workOfOtherClasses(tenants, branch.poolClass, {
      beforeMs: inClass.costMs,
      ownMs: estimateMs(lane, entry),
    }),
  );
  return {
    place: inTenant.count + 1,
    aheadCount: ahead.count,
    aheadMs: ahead.costMs,
    isHeld: !hasRoom(tenant) || !groupHasRoom(branch),
  };
}

/** What contends in a branch beside one of its children. */
function besides<Entry extends QueueEntry>(
  tenants: Tenants<Entry>,
  branch: Branch<Entry>,
  child: Tenant<Entry> | Branch<Entry>,
): Backlog[] {
  const backlogs: Backlog[] = [];
  const groups = new Map<Branch<Entry>, Backlog[]>();
  for (const tenant of tenants.known()) {
    if (tenant.waiting === 0 || tenant === child) continue;
    if (tenant.branch === branch) backlogs.push(tenantBacklog(tenant));
    else if (tenant.branch.parent === branch && tenant.branch !== child) {
      const parts = groups.get(tenant.branch);
      if (parts === undefined) groups.set(tenant.branch, [tenantBacklog(tenant)]);
      else parts.push(tenantBacklog(tenant));
    }
  }
  for (const [{ v, policy }, parts] of groups) {
    backlogs.push({ ...sumOf(parts), v, weight: policy.weight, parts, start: () => nothing });
  }
  return backlogs;
}

function tenantBacklog<Entry extends QueueEntry>(tenant: Tenant<Entry>): Backlog {
  const parts = tenant.lanes.filter((lane) => lane.depth > 0).map(laneBacklog);
  const own = { v: tenantV(tenant), weight: tenant.policy.weight };
  const [only, ...others] = parts;
  // Most call one model: its lane is all the tenant has to divide its part between.
  if (only !== undefined && others.length === 0) return { ...only, ...own };
  return { ...sumOf(parts), ...own, parts, start: () => nothing };
}

function laneBacklog<Entry extends QueueEntry>(lane: Lane<Entry>): Backlog {
  return {
    count: lane.depth,
    costMs: costPerItemMs(lane) * lane.waitingItems,
    v: lane.v,
    weight: 1,
    parts: [],
    start: (budgetMs, arrival) => startedIn(lane, budgetMs, arrival),
  };
}

/** What goes before an entry in its lane. */
function workBeforeIn<Entry extends QueueEntry>(lane: Lane<Entry>, entry: Entry): Work {
  let count = 0;
  let costMs = 0;
  for (const other of lane.entries.values()) {
    if (!goesBefore(other, entry)) continue;
    count += 1;
    costMs += estimateMs(lane, other);
  }
  return { count, costMs };
}

/** Virtual time of a tenant with work: one that does not contend at the moment is lifted when it does. */
function tenantV<Entry extends QueueEntry>(tenant: Tenant<Entry>): number {
  return tenant.isParked ? Math.max(tenant.v, liftV(tenant.branch)) : tenant.v;
}

/** What other classes run before a class has run `beforeMs` of its own and starts something that takes `ownMs`. */
function workOfOtherClasses<Entry extends QueueEntry>(
  tenants: Tenants<Entry>,
  own: PoolClass,
  { beforeMs, ownMs }: { readonly beforeMs: number; readonly ownMs: number },
): Work {
  const waiting = new Map<PoolClass, Work>();
  for (const tenant of tenants.known()) {
    const { poolClass } = tenant.branch;
    if (tenant.waiting > 0 && poolClass !== own) {
      waiting.set(poolClass, add(waiting.get(poolClass) ?? nothing, tenantBacklog(tenant)));
    }
  }
  let higher = nothing;
  for (const [{ rank }, work] of waiting) if (rank < own.rank) higher = add(higher, work);
  const byFloorMs = (beforeMs + ownMs - own.earnedMs) / classFloor - beforeMs;
  const before = partUntil(higher, Math.max(0, byFloorMs));
  const untilMs = beforeMs + before.costMs;
  let lower = nothing;
  for (const [{ rank, earnedMs }, work] of waiting) {
    if (rank > own.rank) lower = add(lower, partUntil(work, Math.max(0, earnedMs + classFloor * untilMs)));
  }
  return add(before, lower);
}

/** As much of some work as takes `mostMs`, in whole requests. */
function partUntil(work: Work, mostMs: number): Work {
  if (work.costMs <= mostMs) return work;
  return { count: Math.round((work.count * mostMs) / work.costMs), costMs: mostMs };
}

interface Own {
  readonly v: number;
  readonly weight: number;
  readonly arrival: number;
}

/** What the siblings of a node run before it, which has some work of its own to run first. */
function workBefore(siblings: readonly Backlog[], { v, weight, arrival }: Own, first: Work): Work {
  const startV = v + first.costMs / weight;
  let work: Work = nothing;
  for (const sibling of siblings) work = add(work, workUntil(sibling, startV, arrival));
  return work;
}

/** What a backlog runs until its virtual time gets to `limitV`; of what starts just then, what arrived before `arrival`. */
function workUntil(backlog: Backlog, limitV: number, arrival: number): Work {
  const { costMs, v, weight, parts } = backlog;
  const budgetMs = (limitV - v) * weight;
  if (budgetMs < -sameV) return nothing;
  if (budgetMs > costMs + sameV) return backlog;
  if (parts.length === 0) return backlog.start(budgetMs, arrival);
  const levelV = commonV(parts, Math.max(0, budgetMs));
  let work: Work = nothing;
  for (const part of parts) work = add(work, workUntil(part, levelV, arrival));
  return work;
}

/** The entries of a lane that start before `budgetMs` of it ran, or just then if they arrived before `arrival`. */
function startedIn<Entry extends QueueEntry>(lane: Lane<Entry>, budgetMs: number, arrival: number): Work {
  let count = 0;
  let costMs = 0;
  for (const entry of lane.entries.inOrder()) {
    const leftMs = budgetMs - costMs;
    if (leftMs < -sameV || (leftMs <= sameV && entry.arrival > arrival)) break;
    count += 1;
    costMs += estimateMs(lane, entry);
  }
  return { count, costMs };
}

/** The virtual time that all parts together get to with `budgetMs`, each from its own on and until it has run all it has. */
function commonV(parts: readonly Backlog[], budgetMs: number): number {
  const changes = parts.flatMap(({ v, weight, costMs }) => [
    { v, weight },
    { v: v + costMs / weight, weight: -weight },
  ]);
  changes.sort((a, b) => a.v - b.v);
  let levelV = changes[0]?.v ?? 0;
  let running = 0;
  let leftMs = budgetMs;
  for (const { v, weight } of changes) {
    const stepMs = running * (v - levelV);
    if (stepMs > leftMs) return levelV + leftMs / running;
    leftMs -= stepMs;
    levelV = v;
    running += weight;
    if (leftMs <= 0) return levelV;
  }
  return levelV;
}

const nothing: Work = { count: 0, costMs: 0 };

function sumOf(parts: readonly Work[]): Work {
  return parts.reduce(add, nothing);
}

function add(a: Work, b: Work): Work {
  return { count: a.count + b.count, costMs: a.costMs + b.costMs };
}
