/** A binary min-heap. Equal values leave in no particular order. */
export interface Heap<T> {
  readonly size: number;
  peek(): T | undefined;
  push(value: T): void;
  pop(): T | undefined;
  /** Keeps only the values that pass; linear, for callers that delete lazily. */
  retain(keep: (value: T) => boolean): void;
  /** All values in no particular order. */
  values(): Iterable<T>;
}

/** Creates a heap ordered by `rank`, smallest first; a value's rank must not change while it is in the heap. */
export function createHeap<T>(rank: (value: T) => number): Heap<T> {
  return createOrderedHeap((a, b) => rank(a) < rank(b));
}

/** Creates a heap ordered by `isBefore`, which must not change for values while they are in the heap. */
export function createOrderedHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  let values: T[] = [];

  /** Moves `value` from the free place `start` towards the root until its parent ranks no higher. */
  const siftUp = (value: T, start: number): void => {
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = values[parentIndex];
      if (parent === undefined || !isBefore(value, parent)) break;
      values[index] = parent;
      index = parentIndex;
    }
    values[index] = value;
  };

  /** Moves `value` from the free place `start` towards the leaves until no child ranks lower. */
  const siftDown = (value: T, start: number): void => {
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = values[childIndex];
      if (child === undefined) break;
      const sibling = values[childIndex + 1];
      if (sibling !== undefined && isBefore(sibling, child)) {
        child = sibling;
        childIndex += 1;
      }
      if (!isBefore(child, value)) break;
      values[index] = child;
      index = childIndex;
    }
    values[index] = value;
  };

  return {
    get size() {
      return values.length;
    },
    peek: () => values[0],
    push: (value) => {
      siftUp(value, values.length);
    },
    pop: () => {
      const top = values[0];
      const last = values.pop();
      if (last !== undefined && values.length > 0) siftDown(last, 0);
      return top;
    },
    retain: (keep) => {
      values = values.filter(keep);
      for (let index = (values.length >> 1) - 1; index >= 0; index--) {
        const value = values[index];
        if (value !== undefined) siftDown(value, index);
      }
    },
    values: () => values,
  };
}
