/** A value that knows where its heap keeps it. */
export interface Placed {
  /** Written by the heap alone; -1 while it is in none. */
  place: number;
}

/** Children of a node, as {@link parentOf} has it: four neighbours are read about as fast as one, and half as many levels are passed. */
const branching = 4;

/** Places that an empty heap keeps for those to come. */
const mostFree = 64;

/**
 * A min-heap of values whose rank changes, and which leave, wherever they stand. Of equal ranks the lower tie goes first.
 *
 * A value keeps its place while it is in here; what is moved up and down is the number of the place and the rank, in arrays of
 * numbers. With a hundred thousand values, what a step costs is the memory it has to wait for: a value is not touched by it. The
 * room of the most that were in here at a time stays until nobody is.
 */
export class PlacedHeap<Value extends Placed> {
  /** By place. */
  readonly #values: (Value | undefined)[] = [];
  readonly #ties: number[] = [];
  /** Where in the tree the value of a place stands; of a free place the next free one, or -1. */
  readonly #nodes: number[] = [];
  #freePlace = -1;
  /** By node, the root first. */
  readonly #places: number[] = [];
  readonly #ranks: number[] = [];

  get size(): number {
    return this.#places.length;
  }

  peek(): Value | undefined {
    const first = this.#places[0];
    return first === undefined ? undefined : this.#values[first];
  }

  push(value: Value, rank: number, tie: number): void {
    const place = this.#freePlace === -1 ? this.#values.length : this.#freePlace;
    if (place === this.#freePlace) this.#freePlace = this.#nodes[place] ?? -1;
    value.place = place;
    this.#values[place] = value;
    this.#ties[place] = tie;
    const node = this.#places.push(place) - 1;
    this.#ranks.push(rank);
    this.#siftUp(node, place, rank);
  }

  /** Gives a value of this heap another rank. */
  update({ place }: Value, rank: number, tie: number): void {
    const node = this.#nodes[place] ?? 0;
    if (this.#ranks[node] === rank && this.#ties[place] === tie) return;
    this.#ties[place] = tie;
    this.#sift(node, place, rank);
  }

  /** Takes a value of this heap out. */
  remove(value: Value): void {
    const { place } = value;
    const node = this.#nodes[place] ?? 0;
    const last = this.#places.pop();
    const rank = this.#ranks.pop() ?? 0;
    if (last !== undefined && last !== place) this.#sift(node, last, rank);
    value.place = -1;
    this.#values[place] = undefined;
    this.#nodes[place] = this.#freePlace;
    this.#freePlace = place;
    if (this.size === 0 && this.#values.length > mostFree) this.#clear();
  }

  #clear(): void {
    this.#values.length = 0;
    this.#ties.length = 0;
    this.#nodes.length = 0;
    this.#freePlace = -1;
  }

  /** Lowers all ranks by the same, which must be exact. */
  lower(by: number): void {
    const ranks = this.#ranks;
    for (let node = 0; node < ranks.length; node++) ranks[node] = (ranks[node] ?? 0) - by;
  }

  #sift(node: number, place: number, rank: number): void {
    if (node > 0 && this.#isBefore(place, rank, parentOf(node))) this.#siftUp(node, place, rank);
    else this.#siftDown(node, place, rank);
  }

  /** Puts a place where it belongs from the free node on towards the root. */
  #siftUp(free: number, place: number, rank: number): void {
    let node = free;
    while (node > 0) {
      const parent = parentOf(node);
      if (!this.#isBefore(place, rank, parent)) break;
      this.#put(node, this.#places[parent] ?? 0, this.#ranks[parent] ?? 0);
      node = parent;
    }
    this.#put(node, place, rank);
  }

  /** Puts a place where it belongs from the free node on towards the leaves. */
  #siftDown(free: number, place: number, rank: number): void {
    const ranks = this.#ranks;
    const count = ranks.length;
    let node = free;
    for (;;) {
      const eldest = branching * node + 1;
      if (eldest >= count) break;
      let first = eldest;
      let firstRank = ranks[eldest] ?? 0;
      const end = Math.min(eldest + branching, count);
      for (let child = eldest + 1; child < end; child++) {
        const childRank = ranks[child] ?? 0;
        if (childRank > firstRank) continue;
        if (childRank === firstRank && this.#tieOf(child) >= this.#tieOf(first)) continue;
        first = child;
        firstRank = childRank;
      }
      if (firstRank > rank || (firstRank === rank && this.#tieOf(first) >= (this.#ties[place] ?? 0))) break;
      this.#put(node, this.#places[first] ?? 0, firstRank);
      node = first;
    }
    this.#put(node, place, rank);
  }

  /** Whether a place with this rank goes before what stands at the node. */
  #isBefore(place: number, rank: number, node: number): boolean {
    const nodeRank = this.#ranks[node] ?? 0;
    return rank < nodeRank || (rank === nodeRank && (this.#ties[place] ?? 0) < this.#tieOf(node));
  }

  #tieOf(node: number): number {
    return this.#ties[this.#places[node] ?? 0] ?? 0;
  }

  #put(node: number, place: number, rank: number): void {
    this.#places[node] = place;
    this.#ranks[node] = rank;
    this.#nodes[place] = node;
  }
}

function parentOf(node: number): number {
  return (node - 1) >> 2;
}
