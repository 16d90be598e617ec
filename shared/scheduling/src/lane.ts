import { createHeap } from "./heap.ts";
import type { QueueEntry } from "./request-queue.ts";

/** An entry's place in a queue. It outlives the wait: `isWaiting` tells lanes and heaps which places are still meant. */
export interface Place<T> {
  readonly entry: QueueEntry<T>;
  isWaiting: boolean;
}

/** Places that no longer wait are swept once they outnumber the others by this many; keeps garbage bounded and sweeps rare. */
export const sweepSlack = 64;

/** The waiting requests of one model in the order of their arrival. */
export interface Lane<T> {
  /** Number waiting. */
  readonly depth: number;
  add(place: Place<T>): void;
  /** First place that waits, without removing it. */
  head(): Place<T> | undefined;
  /** Takes the head out of the lane. It still waits as far as {@link Lane.depth} is concerned until {@link Lane.leave}. */
  shift(): void;
  /** Notes that one place of this lane waits no more; it is swept later. */
  leave(): void;
}

/**
 * Creates a lane. New arrivals stand in a plain array, which keeps the common case free of comparisons;
 * entries that come back with an older arrival stand in a heap beside it.
 */
export function createLane<T>(): Lane<T> {
  let fresh: Place<T>[] = [];
  let freshStart = 0;
  let lastArrival = -Infinity;
  const returned = createHeap<Place<T>>((place) => place.entry.arrival);
  let depth = 0;

  const sweep = (): void => {
    if (
      fresh.length - freshStart + returned.size <= 2 * depth + sweepSlack &&
      freshStart <= depth + sweepSlack
    )
      return;
    fresh = fresh.slice(freshStart).filter((place) => place.isWaiting);
    freshStart = 0;
    returned.retain((place) => place.isWaiting);
  };

  const freshHead = (): Place<T> | undefined => {
    while (fresh[freshStart]?.isWaiting === false) freshStart += 1;
    return fresh[freshStart];
  };

  const returnedHead = (): Place<T> | undefined => {
    while (returned.peek()?.isWaiting === false) returned.pop();
    return returned.peek();
  };

  /** Which of the two holds the oldest place. */
  const isReturnedFirst = (): boolean => {
    const older = returnedHead();
    const newer = freshHead();
    return older !== undefined && (newer === undefined || older.entry.arrival < newer.entry.arrival);
  };

  return {
    get depth() {
      return depth;
    },
    add: (place) => {
      depth += 1;
      if (place.entry.arrival >= lastArrival) {
        lastArrival = place.entry.arrival;
        fresh.push(place);
      } else {
        returned.push(place);
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
  };
}
