import { createLiveHeap } from "../live-heap.ts";
import { isWaiting, type BatchLimits, type QueueEntry, type RequestQueue } from "../request-queue.ts";
import type { SharePolicies } from "../share-policy.ts";
import { createCore, type Core, type Model } from "./core.ts";
import { estimateMs, itemsOf } from "./cost-estimate.ts";
import { beginQueue } from "./lane-ahead.ts";
import { createLedger } from "./ledger.ts";
import { createNextLane } from "./next-lane.ts";
import { observeCost } from "./observe-cost.ts";
import { createQueueViews, type QueueViews } from "./queue-views.ts";
import { listEntries, restoreVirtualTimes, type VirtualTime } from "./shares.ts";
import { hasWork, laneOf, type Lane, type LaneKind, type Tenant } from "./tree.ts";
import { countWaiting } from "./waiting-cost.ts";
import { createWindow, type BatchChoice } from "./window.ts";
import { endWork, startWork } from "./working-weights.ts";

/** The queue that gives each tenant its share of the pool's time. */
export interface FairQueue<Entry extends QueueEntry> extends RequestQueue<Entry>, QueueViews<Entry> {
  /** What was charged in all, in worker-milliseconds. */
  chargedMs(): number;
  /** Takes what `choice` makes of the heads of one kind, shown in fair order. The limits hold for each head alone. */
  takeChosen(limits: BatchLimits, choice: BatchChoice<Entry>, nowMs: number): readonly Entry[];
  /** The first `count` requests for a model by deadline, of those that have one; those that run alone are not among them. */
  mostUrgent(model: string, count: number): Entry[];
  /**
   * Says what a request that was taken has cost so far, in worker-milliseconds: what is more than its estimate is charged now,
   * and the rest when it is settled.
   */
  accrue(entry: Entry, costMs: number): void;
  /** Settles entries of one batch, as one by one; each tenant with entries in a row is brought in order once. */
  settleBatch(entries: readonly Entry[], costMs: (entry: Entry) => number): void;
  /** Takes over what an earlier owner's {@link QueueViews.virtualTimes} said, before anything is taken. */
  restore(records: Iterable<VirtualTime>): void;
}

export interface FairQueueOptions {
  readonly policies: SharePolicies;
}

/**
 * Creates the fair queue of one pool: hierarchical virtual time in worker-milliseconds, charged with an estimate when a
 * request is taken and corrected by what it cost.
 *
 * The tree is classes, groups and tenants without group, tenants, and a tenant's lanes: one for each model, and another for
 * those of its requests that run alone. Classes go one before the other, but each is sure of a floor; below them, whoever
 * received least goes first. A batch is anchored on the fairest head that the worker can run, and filled in fair
 * order with heads of lanes of the same kind, until the first that does not fit. Within a lane a higher priority goes first,
 * then the earlier deadline, then the earlier arrival.
 *
 * A policy that changed counts from the next charge; a raised `maxInFlight`, a new `minShare`, another group or class from the
 * next request of the tenant that comes or is looked at.
 *
 * Source: VTC (Sheng et al., OSDI 2024) for charging and lift, start-time fair queueing for the tree, mClock for guarantees.
 */
export function createFairQueue<Entry extends QueueEntry>({ policies }: FairQueueOptions): FairQueue<Entry> {
  return createQueue(createCore(policies));
}

function createQueue<Entry extends QueueEntry>(core: Core<Entry>): FairQueue<Entry> {
  const { policies, guarantees, contest, tenants } = core;
  const ledger = createLedger({ tenants, contest, guarantees });
  /** Heads that were past their deadline when they were looked at: {@link RequestQueue.expire} takes them. */
  let late: Entry[] = [];
  const nextLane = createNextLane({
    tenants,
    contest,
    guarantees,
    onLate: (entry) => late.push(entry),
  });
  const deadlines = createLiveHeap<Entry>({ rank: (entry) => entry.deadlineMs, isLive: isWaiting });

  const kindOf = (model: Model, runsAlone: boolean): LaneKind => (runsAlone ? model.alone : model.shared);

  /** The lane of an entry whose tenant has a record. */
  const findLane = (entry: Entry): Lane<Entry> | undefined => {
    const tenant = tenants.find(entry.tenant);
    return tenant && laneOf(tenant, kindOf(core.model(entry.model), entry.runsAlone));
  };

  const noteIdle = (tenant: Tenant<Entry>): void => {
    if (hasWork(tenant)) return;
    endWork(tenant);
    tenants.idle.rest(tenant);
  };

  /** Counts an entry out that waits no more. */
  const leave = (entry: Entry, lane: Lane<Entry>): void => {
    entry.stay = "gone";
    queue.size -= 1;
    lane.depth -= 1;
    countWaiting(lane, -itemsOf(entry));
    lane.takenItems += itemsOf(entry);
    lane.owner.waiting -= 1;
    lane.kind.model.waiting -= 1;
    if (lane.entries.size > 2 * lane.depth) lane.entries.sweep();
    deadlines.sweep(queue.size);
  };

  /** Charges an entry that a worker has. */
  const start = (entry: Entry, lane: Lane<Entry>): void => {
    entry.chargedMs = estimateMs(lane, entry);
    ledger.charge(lane, entry.chargedMs);
  };

  /** Opens the lane of an entry that is new. */
  const enter = (entry: Entry): Lane<Entry> => {
    if (entry.stay !== "new") throw new Error("the queue takes an entry once");
    const tenant = tenants.open(entry.tenant);
    if (!hasWork(tenant)) {
      tenants.idle.wake(tenant);
      startWork(tenant);
    }
    return laneOf(tenant, kindOf(core.model(entry.model), entry.runsAlone));
  };

  /** Takes an entry out of wherever it waits. */
  const withdraw = (entry: Entry): void => {
    const lane = findLane(entry);
    if (lane === undefined) return;
    const wasHead = lane.head === entry;
    leave(entry, lane);
    lane.takenItems -= itemsOf(entry);
    if (wasHead) contest.reseat(lane);
    noteIdle(lane.owner);
  };

  const takeHead = (head: Entry, lane: Lane<Entry>): void => {
    lane.entries.pop();
    leave(head, lane);
    start(head, lane);
  };

  const window = createWindow({ tenants, contest, guarantees, ledger, nextLane, leave, withdraw, findLane });

  /** The kinds that a worker asks for, as far as something waits of their models. */
  const kindsOf = ({ models: names, alone }: BatchLimits): LaneKind[] => {
    const kinds: LaneKind[] = [];
    for (const name of names) {
      const model = core.models.get(name);
      if (model !== undefined && model.model.waiting > 0) kinds.push(kindOf(model, alone));
    }
    return kinds;
  };

  const takeBatch = (limits: BatchLimits, nowMs: number): Entry[] => {
    const taken: Entry[] = [];
    const anchor = nextLane.find({ kinds: kindsOf(limits), limits, nowMs });
    if (anchor === undefined) return taken;
    const ask = { kinds: [anchor.kind], limits, nowMs };
    let items = 0;
    let bytes = 0;
    let mostItems = Infinity;
    for (let lane: Lane<Entry> | undefined = anchor; lane !== undefined; lane = nextLane.find(ask)) {
      const { head } = lane;
      if (head === undefined) return taken;
      if (taken.length === 0) {
        mostItems = limits.maxItems(head.model);
      } else {
        mostItems = Math.min(mostItems, head.maxBatchItems);
        if (items + head.items > mostItems || bytes + head.bytes > limits.maxBytes) return taken;
      }
      takeHead(head, lane);
      taken.push(head);
      if (limits.alone) return taken;
      items += head.items;
      bytes += head.bytes;
      mostItems = Math.min(mostItems, head.maxBatchItems);
      if (items >= mostItems) return taken;
    }
    return taken;
  };

  const settle = (entry: Entry, lane: Lane<Entry>, costMs: number): void => {
    if (costMs > 0) observeCost(lane, entry, costMs);
    ledger.settle(lane, { chargedMs: entry.chargedMs, costMs });
    entry.chargedMs = 0;
  };

  /** Called once for entries of a lane that were settled. */
  const closeSettled = (lane: Lane<Entry>): void => {
    ledger.reorder(lane);
    tenants.unparkWhereRoom(lane.owner);
    noteIdle(lane.owner);
  };

  // A field instead of a getter: V8 keeps a literal with a getter as a hash table, and this is looked at for every request.
  const queue: FairQueue<Entry> & { size: number } = {
    size: 0,

    add: (entry) => {
      const lane = enter(entry);
      entry.stay = "waiting";
      entry.chargedMs = 0;
      queue.size += 1;
      if (lane.depth === 0) beginQueue(lane, entry);
      lane.depth += 1;
      countWaiting(lane, itemsOf(entry));
      lane.owner.waiting += 1;
      lane.kind.model.waiting += 1;
      lane.entries.push(entry);
      if (lane.entries.peek() === entry) contest.reseat(lane);
      tenants.unparkWhereRoom(lane.owner);
      if (entry.deadlineMs !== Infinity) deadlines.push(entry);
    },

    take: (limits, nowMs) => {
      const taken = takeBatch(limits, nowMs);
      nextLane.putBack();
      return taken;
    },

    takeChosen: (limits, choice, nowMs) => {
      const taken = window.take({ kinds: kindsOf(limits), limits, nowMs }, choice);
      nextLane.putBack();
      return taken;
    },

    mostUrgent: (model, count) =>
      deadlines.first(count, (entry) => entry.model === model && !entry.runsAlone),

    accrue: (entry, costMs) => {
      const lane = entry.chargedMs > 0 && costMs > entry.chargedMs ? findLane(entry) : undefined;
      if (lane === undefined) return;
      ledger.raise(lane, costMs - entry.chargedMs);
      entry.chargedMs = costMs;
    },

    settle: (entry, costMs) => {
      // Nothing was charged for it here, or it is settled already.
      if (entry.chargedMs === 0) return;
      const lane = findLane(entry);
      if (lane === undefined) return;
      settle(entry, lane, costMs);
      closeSettled(lane);
    },

    settleBatch: (entries, costMs) => {
      let last: Lane<Entry> | undefined;
      for (const entry of entries) {
        if (entry.chargedMs === 0) continue;
        // All are of one kind, so that those of a tenant are of one lane.
        const lane = last?.owner.name === entry.tenant ? last : findLane(entry);
        if (lane === undefined) continue;
        if (last !== undefined && last !== lane) closeSettled(last);
        settle(entry, lane, costMs(entry));
        // Who is held back may go on with each that ends, and is lifted as he does.
        const isHeldBack = tenants.isHeldBack(lane.owner);
        if (isHeldBack) closeSettled(lane);
        last = isHeldBack ? undefined : lane;
      }
      if (last !== undefined) closeSettled(last);
    },

    adopt: (entry) => {
      const lane = enter(entry);
      entry.stay = "gone";
      start(entry, lane);
    },

    remove: (entry) => {
      if (entry.stay !== "waiting") return false;
      withdraw(entry);
      return true;
    },

    expire: (nowMs) => {
      const expired: Entry[] = [];
      let entry = deadlines.peek();
      while (entry !== undefined && entry.deadlineMs <= nowMs) {
        withdraw(entry);
        expired.push(entry);
        entry = deadlines.peek();
      }
      late = late.filter(isWaiting);
      return expired;
    },

    nextDeadlineMs: () => deadlines.peek()?.deadlineMs ?? Infinity,

    depth: (model) => core.models.get(model)?.model.waiting ?? 0,

    entries: () => listEntries(tenants).concat(late.filter(isWaiting)),

    chargedMs: ledger.chargedMs,

    ...createQueueViews(core, { findLane, createQueue }),

    restore: (records) =>
      restoreVirtualTimes(records, { tenants, contest, homeOf: (name) => policies.tenant(name) }),
  };
  return queue;
}
