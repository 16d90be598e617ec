import { createHeap } from "./heap.ts";
import type { Lane, Place } from "./lane.ts";
import { createLane, sweepSlack } from "./lane.ts";
import type { BatchLimits, QueueEntry, RequestQueue } from "./request-queue.ts";

/**
 * Creates the first-in, first-out queue of one pool. The lane whose head arrived first goes first, among the models a
 * credit can run; the batch is then filled from that lane in order, and stops at the first entry that no longer fits.
 *
 * An entry alone in its batch may exceed its own `maxBatchItems` (it cannot be halved), never the limits of the credit.
 */
export function createFifoQueue<T>(): RequestQueue<T> {
  const lanes = new Map<string, Lane<T>>();
  const places = new Map<string, Place<T>>();
  const deadlines = createHeap<Place<T>>((place) => place.entry.deadlineMs);

  const leave = (place: Place<T>): void => {
    place.isWaiting = false;
    places.delete(place.entry.key);
    lanes.get(place.entry.model)?.leave();
    if (deadlines.size > 2 * places.size + sweepSlack) deadlines.retain((other) => other.isWaiting);
  };

  const earliestDeadline = (): Place<T> | undefined => {
    while (deadlines.peek()?.isWaiting === false) deadlines.pop();
    return deadlines.peek();
  };

  /** The first place of a lane that is still in time; expired ones stand aside until {@link RequestQueue.expire} takes them. */
  const headInTime = (lane: Lane<T>, nowMs: number): Place<T> | undefined => {
    for (;;) {
      const head = lane.head();
      if (head === undefined || head.entry.deadlineMs > nowMs) return head;
      lane.shift();
    }
  };

  /** The lane whose head has waited longest, among those whose head fits the limits on its own. */
  const oldestLane = (limits: BatchLimits, nowMs: number): Lane<T> | undefined => {
    let oldest: Lane<T> | undefined;
    let oldestArrival = Infinity;
    for (const model of limits.models) {
      const lane = lanes.get(model);
      if (lane === undefined || lane.depth === 0) continue;
      const entry = headInTime(lane, nowMs)?.entry;
      if (entry === undefined || entry.arrival >= oldestArrival) continue;
      if (entry.items > limits.maxItems(model) || entry.bytes > limits.maxBytes) continue;
      oldest = lane;
      oldestArrival = entry.arrival;
    }
    return oldest;
  };

  return {
    get size() {
      return places.size;
    },

    has: (key) => places.has(key),

    add: (entry) => {
      if (places.has(entry.key)) throw new Error(`queue already holds ${entry.key}`);
      const place = { entry, isWaiting: true };
      places.set(entry.key, place);
      let lane = lanes.get(entry.model);
      if (lane === undefined) {
        lane = createLane();
        lanes.set(entry.model, lane);
      }
      lane.add(place);
      if (entry.deadlineMs !== Infinity) deadlines.push(place);
    },

    take: (limits, nowMs) => {
      const taken: QueueEntry<T>[] = [];
      const lane = oldestLane(limits, nowMs);
      if (lane === undefined) return taken;
      let items = 0;
      let bytes = 0;
      let mostItems = Infinity;
      for (;;) {
        const head = headInTime(lane, nowMs);
        if (head === undefined) return taken;
        const { entry } = head;
        mostItems = Math.min(
          mostItems,
          taken.length === 0 ? limits.maxItems(entry.model) : entry.maxBatchItems,
        );
        if (items + entry.items > mostItems || bytes + entry.bytes > limits.maxBytes) return taken;
        lane.shift();
        leave(head);
        taken.push(entry);
        items += entry.items;
        bytes += entry.bytes;
        mostItems = Math.min(mostItems, entry.maxBatchItems);
      }
    },

    remove: (key) => {
      const place = places.get(key);
      if (place === undefined) return undefined;
      leave(place);
      return place.entry;
    },

    expire: (nowMs) => {
      const expired: QueueEntry<T>[] = [];
      for (;;) {
        const place = earliestDeadline();
        if (place === undefined || place.entry.deadlineMs > nowMs) return expired;
        leave(place);
        expired.push(place.entry);
      }
    },

    nextDeadlineMs: () => earliestDeadline()?.entry.deadlineMs ?? Infinity,

    depth: (model) => lanes.get(model)?.depth ?? 0,

    entries: () => [...places.values()].map((place) => place.entry).sort((a, b) => a.arrival - b.arrival),
  };
}
