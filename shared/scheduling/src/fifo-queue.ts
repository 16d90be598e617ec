import { createHeap } from "./heap.ts";
import { createLane, isWaiting, sweepSlack, type Lane } from "./lane.ts";
import type { BatchLimits, QueueEntry, RequestQueue } from "./request-queue.ts";

/** The lanes of one kind of entries, by model. */
type Lanes<Entry extends QueueEntry> = Map<string, Lane<Entry>>;

/**
 * Creates the first-in, first-out queue of one pool. The lane whose head arrived first goes first, among the models a
 * credit can run; the batch is then filled from that lane in order, and stops at the first entry that no longer fits.
 *
 * An entry alone in its batch may exceed its own `maxBatchItems` (it cannot be halved), never the limits of the credit.
 *
 * Entries that run alone stand in lanes of their own, so that nobody waits behind one that has to wait for its worker.
 */
export function createFifoQueue<Entry extends QueueEntry>(): RequestQueue<Entry> {
  const lanes: Lanes<Entry> = new Map();
  const aloneLanes: Lanes<Entry> = new Map();
  const deadlines = createHeap<Entry>((entry) => entry.deadlineMs);
  /** Entries whose deadline had passed when they were the head of their lane: {@link RequestQueue.expire} takes them. */
  let late: Entry[] = [];
  let size = 0;

  const lanesFor = (alone: boolean): Lanes<Entry> => (alone ? aloneLanes : lanes);

  const leave = (entry: Entry, lane = lanesFor(entry.runsAlone).get(entry.model)): void => {
    entry.stay = "gone";
    size -= 1;
    lane?.leave();
    if (deadlines.size > 2 * size + sweepSlack) deadlines.retain(isWaiting);
  };

  const earliestDeadline = (): Entry | undefined => {
    while (deadlines.peek()?.stay === "gone") deadlines.pop();
    return deadlines.peek();
  };

  /** The first entry of a lane that is still in time; those that are late stand aside. */
  const headInTime = (lane: Lane<Entry>, nowMs: number): Entry | undefined => {
    for (;;) {
      const head = lane.head();
      if (head === undefined || head.deadlineMs > nowMs) return head;
      lane.shift();
      late.push(head);
    }
  };

  /** The lane whose head has waited longest, among those whose head fits the limits on its own. */
  const oldestLane = (limits: BatchLimits, nowMs: number): Lane<Entry> | undefined => {
    const candidates = lanesFor(limits.alone);
    let oldest: Lane<Entry> | undefined;
    let oldestArrival = Infinity;
    for (const model of limits.models) {
      const lane = candidates.get(model);
      if (lane === undefined || lane.depth === 0) continue;
      const head = headInTime(lane, nowMs);
      if (head === undefined || head.arrival >= oldestArrival) continue;
      if (head.items > limits.maxItems(model) || head.bytes > limits.maxBytes) continue;
      oldest = lane;
      oldestArrival = head.arrival;
    }
    return oldest;
  };

  return {
    get size() {
      return size;
    },

    add: (entry) => {
      if (entry.stay !== "new") throw new Error("the queue takes an entry once");
      entry.stay = "waiting";
      size += 1;
      const home = lanesFor(entry.runsAlone);
      let lane = home.get(entry.model);
      if (lane === undefined) {
        lane = createLane();
        home.set(entry.model, lane);
      }
      lane.add(entry);
      if (entry.deadlineMs !== Infinity) deadlines.push(entry);
    },

    take: (limits, nowMs) => {
      const taken: Entry[] = [];
      const lane = oldestLane(limits, nowMs);
      if (lane === undefined) return taken;
      let items = 0;
      let bytes = 0;
      let mostItems = Infinity;
      for (;;) {
        const head = headInTime(lane, nowMs);
        if (head === undefined) return taken;
        mostItems = Math.min(
          mostItems,
          taken.length === 0 ? limits.maxItems(head.model) : head.maxBatchItems,
        );
        if (items + head.items > mostItems || bytes + head.bytes > limits.maxBytes) return taken;
        lane.shift();
        leave(head, lane);
        taken.push(head);
        if (limits.alone) return taken;
        items += head.items;
        bytes += head.bytes;
        mostItems = Math.min(mostItems, head.maxBatchItems);
      }
    },

    // Whoever came first goes first, whatever it costs.
    settle: () => undefined,

    adopt: (entry) => {
      if (entry.stay !== "new") throw new Error("the queue takes an entry once");
      entry.stay = "gone";
    },

    remove: (entry) => {
      if (entry.stay !== "waiting") return false;
      leave(entry);
      return true;
    },

    expire: (nowMs) => {
      const expired: Entry[] = [];
      let entry = earliestDeadline();
      while (entry !== undefined && entry.deadlineMs <= nowMs) {
        leave(entry);
        expired.push(entry);
        entry = earliestDeadline();
      }
      late = late.filter(isWaiting);
      return expired;
    },

    nextDeadlineMs: () => earliestDeadline()?.deadlineMs ?? Infinity,

    depth: (model) => (lanes.get(model)?.depth ?? 0) + (aloneLanes.get(model)?.depth ?? 0),

    entries: () =>
      [...lanes.values(), ...aloneLanes.values()]
        .flatMap((lane) => lane.entries())
        .concat(late.filter(isWaiting))
        .sort((a, b) => a.arrival - b.arrival),
  };
}
