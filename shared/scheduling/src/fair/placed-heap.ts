/** A value that knows where its heap keeps it. */
export interface Placed {
  /** Written by the heap alone; -1 while it is in none. */
  place: number;
}

/** Children of a node: their ranks are neighbours in memory, so that one wait reads them all, and few levels are passed. */
const branchingBits = 3;
const branching = 1 << branchingBits;

/** Places that a heap begins with. Doubled less one it fills a tree whose nodes have {@link branching} children or none, too. */
const leastPlaces = 64;

/** Of a free place: after all others. */
const freeRank = Infinity;

/**
 * A heap of values whose rank changes, and which leave, wherever they stand: the one of the lowest rank is first. Ranks are
 * finite; of equal ones the lower tie goes first.
 *
 * It is kept as a tournament: places are the leaves of a tree, and each node above has the rank and the place of the winner below
 * it. A value keeps its place while it is in here, and a change concerns the nodes above that place alone. With a hundred thousand
 * values, what a change costs is the memory it has to wait for: here that is the neighbours of the place and theirs, since what
 * is further up is in use all the time, and no value is touched.
 */
export class PlacedHeap<Value extends Placed> {
  /** By place. */
  #values: (Value | undefined)[] = [];
  #freePlaces: number[] = [];
  /** By node that is no place: the place of the first below it. */
  #winners = new Int32Array(0);
  /** By node, the root first and the places last. */
  #ranks = new Float64Array(0);
  #ties = new Float64Array(0);

  get size(): number {
    return this.#values.length - this.#freePlaces.length;
  }

  peek(): Value | undefined {
    const first = this.#winners[0];
    return first === undefined ? undefined : this.#values[first];
  }

  push(value: Value, rank: number, tie: number): void {
    const place = this.#freePlaces.pop() ?? this.#values.length;
    if (this.#winners.length + place === this.#ranks.length) this.#grow();
    value.place = place;
    this.#values[place] = value;
    this.#set(place, rank, tie);
  }

  /** Gives a value of this heap another rank. */
  update({ place }: Value, rank: number, tie: number): void {
    const node = this.#winners.length + place;
    if (this.#ranks[node] === rank && this.#ties[node] === tie) return;
    this.#set(place, rank, tie);
  }

  /** Takes a value of this heap out. */
  remove(value: Value): void {
    const { place } = value;
    value.place = -1;
    this.#values[place] = undefined;
    this.#freePlaces.push(place);
    this.#set(place, freeRank, 0);
    if (this.size === 0 && this.#values.length > leastPlaces) this.#clear();
  }

  /** Lowers all ranks by the same, which must be exact. */
  lower(by: number): void {
    const ranks = this.#ranks;
    for (let node = 0; node < ranks.length; node++) ranks[node] = (ranks[node] ?? 0) - by;
  }

  #clear(): void {
    this.#values = [];
    this.#freePlaces = [];
    this.#winners = new Int32Array(0);
    this.#ranks = new Float64Array(0);
    this.#ties = new Float64Array(0);
  }

  /** Makes room for twice as many. */
  #grow(): void {
    const usedNodes = this.#winners.length;
    const placeCount = Math.max(leastPlaces, 2 * (this.#ranks.length - usedNodes) - 1);
    const nodeCount = (placeCount - 1) / (branching - 1);
    const ranks = new Float64Array(nodeCount + placeCount).fill(freeRank);
    const ties = new Float64Array(nodeCount + placeCount);
    ranks.set(this.#ranks.subarray(usedNodes), nodeCount);
    ties.set(this.#ties.subarray(usedNodes), nodeCount);
    this.#winners = new Int32Array(nodeCount);
    this.#ranks = ranks;
    this.#ties = ties;
    for (let node = nodeCount - 1; node >= 0; node--) this.#elect(node);
  }

  #set(place: number, rank: number, tie: number): void {
    const winners = this.#winners;
    const ranks = this.#ranks;
    const ties = this.#ties;
    let node = winners.length + place;
    ranks[node] = rank;
    ties[node] = tie;
    while (node > 0) {
      node = (node - 1) >> branchingBits;
      if (winners[node] === place) {
        this.#elect(node);
        continue;
      }
      const nodeRank = ranks[node] ?? 0;
      if (rank > nodeRank || (rank === nodeRank && tie >= (ties[node] ?? 0))) return;
      winners[node] = place;
      ranks[node] = rank;
      ties[node] = tie;
    }
  }

  /** Finds the winner among the children of a node. */
  #elect(node: number): void {
    const ranks = this.#ranks;
    const ties = this.#ties;
    const eldest = branching * node + 1;
    let first = eldest;
    let firstRank = ranks[eldest] ?? 0;
    for (let child = eldest + 1; child < eldest + branching; child++) {
      const rank = ranks[child] ?? 0;
      if (rank > firstRank || (rank === firstRank && (ties[child] ?? 0) >= (ties[first] ?? 0))) continue;
      first = child;
      firstRank = rank;
    }
    const nodeCount = this.#winners.length;
    this.#winners[node] = first < nodeCount ? (this.#winners[first] ?? 0) : first - nodeCount;
    ranks[node] = firstRank;
    ties[node] = ties[first] ?? 0;
  }
}
