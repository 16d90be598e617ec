import { inspect } from "node:util";

/** Tells whether `value` has names and values: an object that is no list. */
export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether `value` is a `Map` or another collection, whose elements are not where those of a record are. */
export function isCollection(value: object): boolean {
  return Symbol.iterator in value;
}

/** Shows what a caller gave in an error message, on one line and short. */
export function describeGiven(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity, maxArrayLength: 4, maxStringLength: 80 });
}
