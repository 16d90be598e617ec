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

/** A heap whose values may change their rank, or leave, wherever they stand. */
export interface PlacedHeap<T> extends Heap<T> {
  /** Moves the value at `place` to where it belongs after its rank changed; that of no other value may have changed. */
  update(place: number): void;
  removeAt(place: number): void;
}

/** Where a value goes in a heap. */
export interface HeapOrder<T> {
  isBefore(a: T, b: T): boolean;
  /** Told each place that a value gets, and -1 when it leaves. */
  onPlace(value: T, place: number): void;
}

/** Creates a heap ordered by `rank`, smallest first; a value's rank must not change while it is in the heap. */
export function createHeap<T>(rank: (value: T) => number): Heap<T> {
  return createOrderedHeap((a, b) => rank(a) < rank(b));
}

/** Creates a heap ordered by `isBefore`, which must not change for values while they are in the heap. */
export function createOrderedHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  return createPlacedHeap({ isBefore, onPlace: () => undefined });
}

/** Creates a heap that says where its values are. */
export function createPlacedHeap<T>({ isBefore, onPlace }: HeapOrder<T>): PlacedHeap<T> {
  let values: T[] = [];

  const put = (value: T, place: number): void => {
    values[place] = value;
    onPlace(value, place);
  };

  /** Moves `value` from the free place `start` towards the root until its parent ranks no higher. */
  const siftUp = (value: T, start: number): void => {
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = values[parentIndex];
      if (parent === undefined || !isBefore(value, parent)) break;
      put(parent, index);
      index = parentIndex;
    }
    put(value, index);
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
      put(child, index);
      index = childIndex;
    }
    put(value, index);
  };

  const sift = (value: T, place: number): void => {
    const parent = place === 0 ? undefined : values[(place - 1) >> 1];
    if (parent !== undefined && isBefore(value, parent)) siftUp(value, place);
    else siftDown(value, place);
  };

  const removeAt = (place: number): T | undefined => {
    const removed = values[place];
    const last = values.pop();
    if (removed === undefined || last === undefined) return undefined;
    if (place < values.length) sift(last, place);
    onPlace(removed, -1);
    return removed;
  };

  return {
    get size() {
      return values.length;
    },
    peek: () => values[0],
    push: (value) => siftUp(value, values.length),
    pop: () => (values.length === 0 ? undefined : removeAt(0)),
    retain: (keep) => {
      for (const value of values) if (!keep(value)) onPlace(value, -1);
      values = values.filter(keep);
      for (let index = values.length - 1; index >= 0; index--) {
        const value = values[index];
        if (value !== undefined) siftDown(value, index);
      }
    },
    update: (place) => {
      const value = values[place];
      if (value !== undefined) sift(value, place);
    },
    removeAt,
    values: () => values,
  };
}
