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
  /** The first `count` values that pass, in order, which stay; in time that depends on how many are looked at for it. */
  first(count: number, keep: (value: T) => boolean): T[];
}

/** Creates a heap ordered by `rank`, smallest first; a value's rank must not change while it is in the heap. */
export function createHeap<T>(rank: (value: T) => number): Heap<T> {
  return createOrderedHeap((a, b) => rank(a) < rank(b));
}

/** Creates a heap ordered by `isBefore`, which must not change for values while they are in the heap. */
export function createOrderedHeap<T>(isBefore: (a: T, b: T) => boolean): Heap<T> {
  return new BinaryHeap(isBefore);
}

class BinaryHeap<T> implements Heap<T> {
  readonly #isBefore: (a: T, b: T) => boolean;
  #values: T[] = [];

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#values.length;
  }

  peek(): T | undefined {
    return this.#values[0];
  }

  push(value: T): void {
    this.#siftUp(value, this.#values.length);
  }

  pop(): T | undefined {
    const top = this.#values[0];
    const last = this.#values.pop();
    if (last !== undefined && this.#values.length > 0) this.#siftDown(last, 0);
    return top;
  }

  retain(keep: (value: T) => boolean): void {
    this.#values = this.#values.filter(keep);
    for (let index = (this.#values.length >> 1) - 1; index >= 0; index--) {
      const value = this.#values[index];
      if (value !== undefined) this.#siftDown(value, index);
    }
  }

  values(): Iterable<T> {
    return this.#values;
  }

  first(count: number, keep: (value: T) => boolean): T[] {
    const values = this.#values;
    const found: T[] = [];
    // Those whose parents were looked at: the next in order is among them.
    const places = createOrderedHeap<number>((a, b) => {
      const [one, other] = [values[a], values[b]];
      return one !== undefined && other !== undefined && this.#isBefore(one, other);
    });
    if (values.length > 0) places.push(0);
    for (let place = places.pop(); place !== undefined && found.length < count; place = places.pop()) {
      const value = values[place];
      if (value !== undefined && keep(value)) found.push(value);
      for (const child of [2 * place + 1, 2 * place + 2]) if (child < values.length) places.push(child);
    }
    return found;
  }

  /** Moves `value` from the free place `start` towards the root until its parent ranks no higher. */
  #siftUp(value: T, start: number): void {
    const values = this.#values;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = values[parentIndex];
      if (parent === undefined || !this.#isBefore(value, parent)) break;
      values[index] = parent;
      index = parentIndex;
    }
    values[index] = value;
  }

  /** Moves `value` from the free place `start` towards the leaves until no child ranks lower. */
  #siftDown(value: T, start: number): void {
    const values = this.#values;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = values[childIndex];
      if (child === undefined) break;
      const sibling = values[childIndex + 1];
      if (sibling !== undefined && this.#isBefore(sibling, child)) {
        child = sibling;
        childIndex += 1;
      }
      if (!this.#isBefore(child, value)) break;
      values[index] = child;
      index = childIndex;
    }
    values[index] = value;
  }
}
