import type { OpenCall } from "./open-call.ts";

/** Slots of a table that is new; most callers never need more. */
const firstSlotCount = 64;

/**
 * The open calls of one model, by the ids of their requests. An id is the table's prefix and a number that counts up, and the
 * number names the call's slot. Not a `Map`: one that is filled and emptied all the time copies itself again and again, and its
 * old copies keep ended calls in memory until the next full collection, which cost half of a busy client's time.
 */
export class CallTable {
  readonly #prefix: string;
  /** A power of two, at most half of it taken, so that a free slot is near. */
  #slots = newSlots(firstSlotCount);
  #nextNumber = 0;
  #size = 0;

  /** @param prefix nobody else's: cancellation names requests by id alone. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes a call in and gives its request an id that no request had before. */
  add(call: OpenCall): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    while (this.#slots[this.#slotOf(this.#nextNumber)] !== undefined) this.#nextNumber++;
    call.number = this.#nextNumber++;
    call.request.id = `${this.#prefix}${call.number}`;
    this.#slots[this.#slotOf(call.number)] = call;
    this.#size++;
  }

  get(id: string): OpenCall | undefined {
    const call = this.#slots[this.#slotOf(Number(id.slice(this.#prefix.length)))];
    return call?.request.id === id ? call : undefined;
  }

  /** Forgets a call that is in the table. */
  remove(call: OpenCall): void {
    this.#slots[this.#slotOf(call.number)] = undefined;
    this.#size--;
  }

  /** The calls there are now, in the order of their ids. */
  calls(): OpenCall[] {
    const calls: OpenCall[] = [];
    for (const call of this.#slots) if (call !== undefined) calls.push(call);
    return calls.toSorted((one, other) => one.number - other.number);
  }

  #slotOf(number: number): number {
    return number & (this.#slots.length - 1);
  }

  /** Calls in different slots stay in different slots: their numbers differ in the bits that there were. */
  #grow(): void {
    const calls = this.calls();
    this.#slots = newSlots(this.#slots.length * 2);
    for (const call of calls) this.#slots[this.#slotOf(call.number)] = call;
  }
}

function newSlots(count: number): (OpenCall | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
