/** A value that knows where it stands in its heap. */
export interface Placed {
  /** Written by the heap alone; -1 while it is in none. */
  place: number;
}

/** Children of a place: four neighbours are read about as fast as one, and half as many levels are passed. */
const branching = 4;

/**
 * A min-heap of values whose rank changes, and which leave, wherever they stand. Of equal ranks the lower tie goes first.
 *
 * Ranks lie in arrays of their own: with a hundred thousand values, what a comparison costs is the memory it has to wait for.
 */
export class PlacedHeap<Value extends Placed> {
  readonly #values: Value[] = [];
  readonly #ranks: number[] = [];
  readonly #ties: number[] = [];

  get size(): number {
    return this.#values.length;
  }

  peek(): Value | undefined {
    return this.#values[0];
  }

  push(value: Value, rank: number, tie: number): void {
    const place = this.#values.push(value) - 1;
    this.#ranks.push(rank);
    this.#ties.push(tie);
    this.#siftUp(place);
  }

  /** Gives a value of this heap another rank. */
  update(value: Value, rank: number, tie: number): void {
    const { place } = value;
    this.#ranks[place] = rank;
    this.#ties[place] = tie;
    this.#sift(place);
  }

  /** Takes a value of this heap out. */
  remove(value: Value): void {
    const { place } = value;
    const last = this.#values.pop();
    const rank = this.#ranks.pop() ?? 0;
    const tie = this.#ties.pop() ?? 0;
    value.place = -1;
    if (last === undefined || last === value) return;
    this.#values[place] = last;
    this.#ranks[place] = rank;
    this.#ties[place] = tie;
    this.#sift(place);
  }

  /** Lowers all ranks by the same, which must be exact. */
  lower(by: number): void {
    const ranks = this.#ranks;
    for (let place = 0; place < ranks.length; place++) ranks[place] = (ranks[place] ?? 0) - by;
  }

  #sift(place: number): void {
    if (place > 0 && this.#isBefore(place, parentOf(place))) this.#siftUp(place);
    else this.#siftDown(place);
  }

  #siftUp(start: number): void {
    const value = this.#values[start];
    if (value === undefined) return;
    const rank = this.#ranks[start] ?? 0;
    const tie = this.#ties[start] ?? 0;
    let place = start;
    while (place > 0) {
      const parent = parentOf(place);
      const parentRank = this.#ranks[parent] ?? 0;
      if (parentRank < rank || (parentRank === rank && (this.#ties[parent] ?? 0) <= tie)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(value, place);
    this.#ranks[place] = rank;
    this.#ties[place] = tie;
  }

  #siftDown(start: number): void {
    const value = this.#values[start];
    if (value === undefined) return;
    const rank = this.#ranks[start] ?? 0;
    const tie = this.#ties[start] ?? 0;
    const { length } = this.#values;
    let place = start;
    for (;;) {
      const eldest = branching * place + 1;
      if (eldest >= length) break;
      let first = eldest;
      const end = Math.min(eldest + branching, length);
      for (let child = eldest + 1; child < end; child++) if (this.#isBefore(child, first)) first = child;
      const firstRank = this.#ranks[first] ?? 0;
      if (firstRank > rank || (firstRank === rank && (this.#ties[first] ?? 0) >= tie)) break;
      this.#move(first, place);
      place = first;
    }
    this.#put(value, place);
    this.#ranks[place] = rank;
    this.#ties[place] = tie;
  }

  #isBefore(one: number, other: number): boolean {
    const rank = this.#ranks[one] ?? 0;
    const otherRank = this.#ranks[other] ?? 0;
    return rank < otherRank || (rank === otherRank && (this.#ties[one] ?? 0) < (this.#ties[other] ?? 0));
  }

  #move(from: number, to: number): void {
    const value = this.#values[from];
    if (value === undefined) return;
    this.#put(value, to);
    this.#ranks[to] = this.#ranks[from] ?? 0;
    this.#ties[to] = this.#ties[from] ?? 0;
  }

  #put(value: Value, place: number): void {
    this.#values[place] = value;
    value.place = place;
  }
}

function parentOf(place: number): number {
  return Math.trunc((place - 1) / branching);
}
