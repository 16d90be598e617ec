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
  /** By node, the root first and the places last: its rank, then its tie. */
  #keys = new Float64Array(0);

  get size(): number {
    return this.#values.length - this.#freePlaces.length;
  }

  peek(): Value | undefined {
    const first = this.#winners[0];
    return first === undefined ? undefined : this.#values[first];
  }

  push(value: Value, rank: number, tie: number): void {
    const place = this.#freePlaces.pop() ?? this.#values.length;
    if (2 * (this.#winners.length + place) === this.#keys.length) this.#grow();
    value.place = place;
    this.#values[place] = value;
    this.#set(place, rank, tie);
  }

  /** Gives a value of this heap another rank. */
  update({ place }: Value, rank: number, tie: number): void {
    const key = 2 * (this.#winners.length + place);
    if (this.#keys[key] === rank && this.#keys[key + 1] === tie) return;
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
    const keys = this.#keys;
    for (let key = 0; key < keys.length; key += 2) keys[key] = (keys[key] ?? 0) - by;
  }

  #clear(): void {
    this.#values = [];
    this.#freePlaces = [];
    this.#winners = new Int32Array(0);
    this.#keys = new Float64Array(0);
  }

  /** Makes room for twice as many. */
  #grow(): void {
    const usedNodes = this.#winners.length;
    const used = this.#keys.subarray(2 * usedNodes);
    const placeCount = Math.max(leastPlaces, used.length - 1);
    const nodeCount = (placeCount - 1) / (branching - 1);
    const keys = new Float64Array(2 * (nodeCount + placeCount)).fill(freeRank);
    keys.set(used, 2 * nodeCount);
    this.#winners = new Int32Array(nodeCount);
    this.#keys = keys;
    for (let node = nodeCount - 1; node >= 0; node--) this.#elect(node);
  }

  #set(place: number, rank: number, tie: number): void {
    const winners = this.#winners;
    const keys = this.#keys;
    let node = winners.length + place;
    keys[2 * node] = rank;
    keys[2 * node + 1] = tie;
    // Many pools have work of one tenant: whoever is alone wins, whatever its rank.
    const isOnly = this.size === 1 && rank !== freeRank;
    while (node > 0) {
      node = (node - 1) >> branchingBits;
      if (!isOnly) {
        if (winners[node] === place) {
          this.#elect(node);
          continue;
        }
        const nodeRank = keys[2 * node] ?? 0;
        if (rank > nodeRank || (rank === nodeRank && tie >= (keys[2 * node + 1] ?? 0))) return;
      }
      winners[node] = place;
      keys[2 * node] = rank;
      keys[2 * node + 1] = tie;
    }
  }

  /** Finds the winner among the children of a node. */
  #elect(node: number): void {
    const keys = this.#keys;
    const eldest = branching * node + 1;
    let first = eldest;
    let firstRank = keys[2 * eldest] ?? 0;
    let firstTie = keys[2 * eldest + 1] ?? 0;
    for (let child = eldest + 1; child < eldest + branching; child++) {
      const rank = keys[2 * child] ?? 0;
      if (rank > firstRank) continue;
      const tie = keys[2 * child + 1] ?? 0;
      if (rank === firstRank && tie >= firstTie) continue;
      first = child;
      firstRank = rank;
      firstTie = tie;
    }
    const nodeCount = this.#winners.length;
    this.#winners[node] = first < nodeCount ? (this.#winners[first] ?? 0) : first - nodeCount;
    keys[2 * node] = firstRank;
    keys[2 * node + 1] = firstTie;
  }
}
