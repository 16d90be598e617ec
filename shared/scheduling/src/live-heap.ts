import { createHeap } from "./heap.ts";

/** A min-heap of values that may go while they stand anywhere in it: they are passed over, and forgotten once they are many. */
export interface LiveHeap<T> {
  /** The first of those that have not gone. */
  peek(): T | undefined;
  push(value: T): void;
  /** Takes the first of those that have not gone. */
  pop(): T | undefined;
  /** The first `count` of those that have not gone and pass, in order, which stay. */
  first(count: number, keep: (value: T) => boolean): T[];
  /** Called when values may have gone: forgets them once they outnumber those that are left, at most `liveCount`. */
  sweep(liveCount: number): void;
}

export interface LiveHeapOptions<T> {
  /** Must not change while a value is in the heap. The smallest is first. */
  readonly rank: (value: T) => number;
  /** Whether a value is still meant; one that has gone never comes back. */
  readonly isLive: (value: T) => boolean;
}

/** Values that have gone are forgotten once they outnumber the others by this many: that stays rare. */
const sweepSlack = 64;

export function createLiveHeap<T>({ rank, isLive }: LiveHeapOptions<T>): LiveHeap<T> {
  const heap = createHeap(rank);

  const peek = (): T | undefined => {
    for (;;) {
      const first = heap.peek();
      if (first === undefined || isLive(first)) return first;
      heap.pop();
    }
  };

  return {
    peek,
    push: (value) => heap.push(value),
    pop: () => {
      peek();
      return heap.pop();
    },
    first: (count, keep) => heap.first(count, (value) => isLive(value) && keep(value)),
    sweep: (liveCount) => {
      if (heap.size > 2 * liveCount + sweepSlack) heap.retain(isLive);
    },
  };
}
