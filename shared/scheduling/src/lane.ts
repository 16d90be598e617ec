import { createHeap } from "./heap.ts";
import type { QueueEntry } from "./request-queue.ts";

/** Entries that are gone are swept once they outnumber the others by this many; keeps garbage bounded and sweeps rare. */
export const sweepSlack = 64;

/** The waiting requests of one model in the order of their arrival. */
export interface Lane<Entry> {
  /** Number waiting. */
  readonly depth: number;
  add(entry: Entry): void;
  /** First entry that waits, without removing it. */
  head(): Entry | undefined;
  /** Takes the head out of the lane. It still waits as far as {@link Lane.depth} is concerned until {@link Lane.leave}. */
  shift(): void;
  /** Notes that one entry of this lane waits no more; it is swept later. */
  leave(): void;
  /** All entries that were not taken out, in no particular order. */
  entries(): Entry[];
}

/**
 * Creates a lane. New arrivals stand in a plain array, which keeps the common case free of comparisons;
 * entries that come back with an older arrival stand in a heap beside it.
 */
export function createLane<Entry extends QueueEntry>(): Lane<Entry> {
  let fresh: Entry[] = [];
  let freshStart = 0;
  let lastArrival = -Infinity;
  const returned = createHeap<Entry>((entry) => entry.arrival);
  let depth = 0;

  const sweep = (): void => {
    if (
      fresh.length - freshStart + returned.size <= 2 * depth + sweepSlack &&
      freshStart <= depth + sweepSlack
    )
      return;
    fresh = fresh.slice(freshStart).filter(isWaiting);
    freshStart = 0;
    returned.retain(isWaiting);
  };

  const freshHead = (): Entry | undefined => {
    while (fresh[freshStart]?.stay === "gone") freshStart += 1;
    return fresh[freshStart];
  };

  const returnedHead = (): Entry | undefined => {
    while (returned.peek()?.stay === "gone") returned.pop();
    return returned.peek();
  };

  /** Which of the two holds the oldest entry. */
  const isReturnedFirst = (): boolean => {
    const older = returnedHead();
    if (older === undefined) return false;
    const newer = freshHead();
    return newer === undefined || older.arrival < newer.arrival;
  };

  return {
    get depth() {
      return depth;
    },
    add: (entry) => {
      depth += 1;
      if (entry.arrival >= lastArrival) {
        lastArrival = entry.arrival;
        fresh.push(entry);
      } else {
        returned.push(entry);
      }
    },
    head: () => (isReturnedFirst() ? returnedHead() : freshHead()),
    shift: () => {
      if (isReturnedFirst()) returned.pop();
      else if (freshHead() !== undefined) freshStart += 1;
    },
    leave: () => {
      depth -= 1;
      sweep();
    },
    entries: () => [...returned.values(), ...fresh.slice(freshStart)].filter(isWaiting),
  };
}

/** Whether an entry is still meant: lanes and heaps forget the others later. */
export function isWaiting(entry: QueueEntry): boolean {
  return entry.stay === "waiting";
}
