/** Holds a value until it is removed. */
interface Cell<Value> {
  value: Value | undefined;
}

/**
 * A map for what comes and goes all the time, in the order in which it came. A `Map` that is filled and emptied again and again copies
 * itself, and V8 links each old copy to the next: once one of them has been moved to the old generation, all that ever was in a
 * later one stays in memory until the next full collection, and what would have been gone is moved there, too. Here such copies
 * hold nothing but empty cells.
 */
export class FleetingMap<Key, Value> {
  readonly #cells = new Map<Key, Cell<Value>>();

  get size(): number {
    return this.#cells.size;
  }

  has(key: Key): boolean {
    return this.#cells.has(key);
  }

  get(key: Key): Value | undefined {
    return this.#cells.get(key)?.value;
  }

  set(key: Key, value: Value): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) this.#cells.set(key, { value });
    else cell.value = value;
  }

  delete(key: Key): void {
    const cell = this.#cells.get(key);
    if (cell === undefined) return;
    cell.value = undefined;
    this.#cells.delete(key);
  }

  clear(): void {
    for (const cell of this.#cells.values()) cell.value = undefined;
    this.#cells.clear();
  }

  /** What is there when it is called, so that entries may come and go meanwhile. */
  values(): Value[] {
    const values: Value[] = [];
    for (const { value } of this.#cells.values()) if (value !== undefined) values.push(value);
    return values;
  }
}
