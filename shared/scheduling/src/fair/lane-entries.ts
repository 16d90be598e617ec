import { createOrderedHeap, type Heap } from "../heap.ts";
import { isWaiting, type QueueEntry } from "../request-queue.ts";

/** The order of one lane: `order`, priority, then the earlier deadline, then arrival. */
export function goesBefore(a: QueueEntry, b: QueueEntry): boolean {
  if (a.order !== b.order) return a.order < b.order;
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.deadlineMs !== b.deadlineMs) return a.deadlineMs < b.deadlineMs;
  return a.arrival < b.arrival;
}

/** Places that an entry is moved forward in the line; what belongs further ahead goes to the strays. */
const mostSteps = 32;

/** Free places at the head of the line from which it is moved up. */
const slack = 32;

/**
 * The entries of one lane in order. Most come in about the order they leave in, so they stand in a line, where both cost
 * nothing; the others, those that come back or are urgent, stand in a heap beside it.
 */
export class LaneEntries<Entry extends QueueEntry> {
  /** In order from `#start` on; the places before are free. */
  #line: (Entry | undefined)[] = [];
  #start = 0;
  #strays: Heap<Entry> | undefined;

  /** Number of entries in here, those that have gone included. */
  get size(): number {
    return this.#line.length - this.#start + (this.#strays?.size ?? 0);
  }

  push(entry: Entry): void {
    const line = this.#line;
    let place = line.length;
    if (place === 0) {
      // An array that grows gets room for seventeen: most lanes of many tenants never have more than one.
      this.#line = [entry];
      return;
    }
    const least = Math.max(this.#start, place - mostSteps);
    for (
      let ahead = line[place - 1];
      ahead !== undefined && goesBefore(entry, ahead);
      ahead = line[place - 1]
    ) {
      if (place === least) {
        this.#strays ??= createOrderedHeap<Entry>(goesBefore);
        this.#strays.push(entry);
        return;
      }
      place -= 1;
    }
    if (place === line.length) line.push(entry);
    else line.splice(place, 0, entry);
  }

  /** The first entry that waits; those before it that have gone are dropped. */
  peek(): Entry | undefined {
    const first = this.#peekLine();
    const stray = this.#peekStray();
    if (stray === undefined) return first;
    return first === undefined || goesBefore(stray, first) ? stray : first;
  }

  /** Drops the entry that {@link LaneEntries.peek} returns. */
  pop(): void {
    const entry = this.peek();
    if (entry === undefined) return;
    if (entry === this.#line[this.#start]) this.#drop();
    else this.#strays?.pop();
  }

  /** Takes back an entry that was dropped from the head and has not gone; several in reverse order. */
  putBack(entry: Entry): void {
    if (this.#start === 0) {
      this.#line.unshift(entry);
      return;
    }
    this.#start -= 1;
    this.#line[this.#start] = entry;
  }

  /** The place in the line that an entry would get, counted from its head; those that have gone still have theirs. */
  placeOf(entry: Entry): number {
    const line = this.#line;
    const last = line[line.length - 1];
    // Most come behind all others.
    if (last !== undefined && !goesBefore(entry, last)) return line.length - this.#start;
    let low = this.#start;
    let high = line.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = line[middle];
      if (other !== undefined && goesBefore(entry, other)) high = middle;
      else low = middle + 1;
    }
    return low - this.#start;
  }

  /** The entry at a place of the line. */
  at(place: number): Entry | undefined {
    return this.#line[this.#start + place];
  }

  /** Drops all that have gone. */
  sweep(): void {
    this.#line = this.#line.filter((entry) => entry !== undefined && isWaiting(entry));
    this.#start = 0;
    this.#strays?.retain(isWaiting);
    if (this.#strays?.size === 0) this.#strays = undefined;
  }

  /** All that wait, in order. */
  inOrder(): Entry[] {
    const entries = [...this.values()];
    // The line is in order.
    return this.#strays === undefined ? entries : entries.sort((a, b) => (goesBefore(a, b) ? -1 : 1));
  }

  /** All that wait; only those of the line are in order. */
  *values(): Iterable<Entry> {
    const line = this.#line;
    for (let place = this.#start; place < line.length; place++) {
      const entry = line[place];
      if (entry !== undefined && isWaiting(entry)) yield entry;
    }
    if (this.#strays === undefined) return;
    for (const entry of this.#strays.values()) if (isWaiting(entry)) yield entry;
  }

  #peekLine(): Entry | undefined {
    for (;;) {
      const first = this.#line[this.#start];
      if (first === undefined || isWaiting(first)) return first;
      this.#drop();
    }
  }

  #peekStray(): Entry | undefined {
    const strays = this.#strays;
    if (strays === undefined) return undefined;
    for (;;) {
      const first = strays.peek();
      if (first === undefined || isWaiting(first)) return first;
      strays.pop();
    }
  }

  #drop(): void {
    // The place is freed at once: a request's body may be large.
    this.#line[this.#start] = undefined;
    this.#start += 1;
    if (this.#start === this.#line.length) {
      this.#line = [];
      this.#start = 0;
    } else if (this.#start > slack && 2 * this.#start > this.#line.length) {
      this.#line = this.#line.slice(this.#start);
      this.#start = 0;
    }
  }
}
