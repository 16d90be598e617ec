import { InferenceError } from "@sluice/protocol";

/** Names of the options that something takes; made with {@link namesOf}, so that none is forgotten. */
export type OptionNames = ReadonlySet<string>;

/** The names of all options of `Options`. */
export function namesOf<Options>(names: Readonly<Record<keyof Options, true>>): OptionNames {
  return new Set(Object.keys(names));
}

/**
 * The first of the options that nobody reads; most such are misspelled. A loop over the names that are there, so that a call with
 * few options pays for few.
 */
export function unknownNameIn(options: object, known: OptionNames): string | undefined {
  for (const name in options) if (!known.has(name)) return name;
  return undefined;
}

/** A name that nobody reads. */
interface UnknownName {
  /** What it belongs to, as a message begins: "option ". */
  readonly prefix: string;
  readonly name: string;
  readonly known: OptionNames;
}

/** The error for it, which says what is probably meant. */
export function unknownNameError({ prefix, name, known }: UnknownName): InferenceError {
  const meant = nearestName(name, known);
  const expected = meant === undefined ? `expected one of ${[...known].join(", ")}` : `is ${meant} meant?`;
  return new InferenceError("invalidArgument", `${prefix}${shown(name)} is unknown, ${expected}`);
}

/** @throws {InferenceError} `invalidArgument` where one of the options is unknown. */
export function checkOptionNames(options: object, known: OptionNames, prefix = "option "): void {
  const name = unknownNameIn(options, known);
  if (name !== undefined) throw unknownNameError({ prefix, name, known });
}

const maxShownLength = 40;

function shown(name: string): string {
  return name.length > maxShownLength ? `${name.slice(0, maxShownLength)}…` : name;
}

/**
 * The known name that a wrong one is probably meant to be: it begins with it, or is few letters away, whatever is written large;
 * `undefined` where there is none.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wrong = name.slice(0, maxShownLength).toLowerCase();
  let nearest: string | undefined;
  let nearestDistance = Infinity;
  for (const candidate of known) {
    const right = candidate.toLowerCase();
    const isStart = wrong.length > 1 && (right.startsWith(wrong) || wrong.startsWith(right));
    const distance = isStart ? 0 : editDistance(wrong, right);
    if (distance >= nearestDistance || distance > maxDistance(right)) continue;
    nearest = candidate;
    nearestDistance = distance;
  }
  return nearest;
}

/** A third of its letters: with more of them wrong it is another word. */
function maxDistance(name: string): number {
  return Math.ceil(name.length / 3);
}

/** Letters to insert, remove or replace until `from` is `to`. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (above[column] ?? 0) + 1;
      const inserted = (line[column - 1] ?? 0) + 1;
      line.push(Math.min(replaced, removed, inserted));
    }
    above = line;
  }
  return above[to.length] ?? 0;
}
