import { Counter as RegisteredCounter, type Registry } from "prom-client";
import type { MetricOptions } from "./metric-options.ts";

/** What was counted for one choice of labels. */
export interface Tally {
  /** Adds `amount`, 1 unless told. */
  inc(amount?: number): void;
}

/** Counts by labels. One without labels is its own and only tally. */
export interface Counter extends Tally {
  /** The tally of these values, one for each label in their order. Keep it where it is counted with often. */
  labels(...values: readonly string[]): Tally;
  /** Forgets these values and what was counted for them. */
  remove(...values: readonly string[]): void;
}

/** What was counted of some values and the registry was not told yet. */
class Pending implements Tally {
  readonly values: readonly string[];
  #amount = 0;

  constructor(values: readonly string[]) {
    this.values = values;
  }

  inc(amount = 1): void {
    // What counts up cannot go down, and one that is no number would spoil the sum for good.
    if (!(amount >= 0)) throw new RangeError(`a counter was increased by ${amount}`);
    this.#amount += amount;
  }

  take(): number {
    const amount = this.#amount;
    this.#amount = 0;
    return amount;
  }
}

/** Stands between values that make a key together; in no name of a pool, a model or a tenant. */
const separator = "\0";

/**
 * Creates a counter that adds up in plain numbers and tells its registry when somebody reads the metrics. The registry checks
 * all labels and makes a text of them for each call, which costs many times as much as counting.
 */
export function createTalliedCounter(
  { name, help, labelNames = [] }: MetricOptions<string>,
  registry: Registry,
): Counter {
  const tallies = new Map<string, Pending>();
  /** Most are counted with the labels of the last time, and a key is a new string each time. */
  let last: Pending | undefined;
  const registered = new RegisteredCounter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect: () => {
      for (const tally of tallies.values()) registered.labels(...tally.values).inc(tally.take());
    },
  });

  const create = (values: readonly string[]): Pending => {
    if (values.length !== labelNames.length) {
      throw new RangeError(`${name} has ${labelNames.length} labels and was given ${values.length} values`);
    }
    const tally = new Pending(values);
    tallies.set(keyOf(values), tally);
    return tally;
  };
  const labels = (...values: readonly string[]): Pending => {
    if (last === undefined || !isSame(last.values, values))
      last = tallies.get(keyOf(values)) ?? create(values);
    return last;
  };

  return {
    labels,
    inc: (amount) => labels().inc(amount),
    remove: (...values) => {
      last = undefined;
      tallies.delete(keyOf(values));
      registered.remove(...values);
    },
  };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((value, place) => value === others[place]);
}

function keyOf(values: readonly string[]): string {
  const [only = ""] = values;
  return values.length === 1 ? only : values.join(separator);
}
