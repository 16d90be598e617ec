import { InferenceError } from "@sluice/protocol";
import { InvalidArgumentError } from "commander";

/** A TCP port of the command line. */
export function parsePort(text: string): number {
  return parseInteger(text, { name: "a port", min: 1, max: 65_535 });
}

/** A duration of the command line, in whole milliseconds. */
export function parseMilliseconds(text: string): number {
  return parseInteger(text, { name: "milliseconds", min: 1, max: 86_400_000 });
}

/** A number of something. */
export function parseCount(text: string): number {
  return parseInteger(text, { name: "a count", min: 1, max: 1_000_000 });
}

/** Appends to what the same option gave before, so that it can be repeated. */
export function collect<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

/**
 * Splits what an option was given, `name=value`, at its first `=`.
 * @throws {InferenceError} `invalidArgument` naming the option where that is something else.
 */
export function parseAssignment(option: string, text: string): Assignment {
  const at = text.indexOf("=");
  if (at < 1) {
    throw new InferenceError("invalidArgument", `${option} ${JSON.stringify(text)}: expected <name>=<value>`);
  }
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

interface Assignment {
  readonly name: string;
  readonly value: string;
}

function parseInteger(
  text: string,
  expected: { readonly name: string; readonly min: number; readonly max: number },
): number {
  const { name, min, max } = expected;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`expected ${name}, a whole number from ${min} to ${max}`);
}
