import { InferenceError, type ErrorDetails } from "./error.ts";
import { maxMetadataEntries, maxParameters, maxSubjectLength } from "./limits.ts";
import type { Parameters, Scalar } from "./request.ts";
import { isToken } from "./token.ts";

/**
 * Narrows a decoded value to what a field must hold; `name` is the field as the reader of an error should see it.
 * Every check throws `invalidArgument` and nothing else.
 */
export type Check<T> = (value: unknown, name: string) => T;

/** A decoded msgpack map or JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** The error for a field that does not hold what it must. */
export function wrongField(name: string, value: unknown, expected: string): InferenceError {
  return new InferenceError("invalidArgument", `"${name}" is ${describe(value)}, expected ${expected}`);
}

/** Shows a foreign value in an error message: short, whatever it is. */
export function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  if (ArrayBuffer.isView(value)) return "bytes";
  return value === null ? "null" : "a map";
}

/** A foreign text as an error message may show it: whoever sends a long one gets no long message for each of many rows. */
export function shorten(text: string): string {
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)}…` : text;
}

const maxShownLength = 40;

/** A map with string keys. */
export function fields(value: unknown, name: string): Fields {
  if (!isFields(value)) throw wrongField(name, value, "a map");
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

/** A subject token. */
export function token(value: unknown, name: string): string {
  if (!isToken(value)) throw wrongField(name, value, "1 to 64 of A-Z a-z 0-9 _ -");
  return value;
}

/** A subject token, or "" for none. */
export function tokenOrEmpty(value: unknown, name: string): string {
  return value === "" ? "" : token(value, name);
}

/** Any string; its length is bounded by the message it came in. */
export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw wrongField(name, value, "a string");
  return value;
}

/** A subject that can be published to: no wildcard, no space, no empty token; or "" for none. */
export function subjectOrEmpty(value: unknown, name: string): string {
  if (value === "") return "";
  if (!isPublishSubject(value)) throw wrongField(name, value, "a subject without wildcards");
  return value;
}

/** Tells whether `value` is a subject that can be published to: tokens of visible ASCII, no wildcard. */
export function isPublishSubject(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > maxSubjectLength) return false;
  let previous = dot;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f || code === asterisk || code === greaterThan) return false;
    if (code === dot && previous === dot) return false;
    previous = code;
  }
  return previous !== dot;
}

const dot = 0x2e;
const asterisk = 0x2a;
const greaterThan = 0x3e;

export function flag(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw wrongField(name, value, "true or false");
  return value;
}

/** A whole number from 0 on that a double holds exactly. */
export function count(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw wrongField(name, value, "a whole number from 0 on");
  }
  return value;
}

/** A finite number of 0 or more: milliseconds, costs. */
export function amount(value: unknown, name: string): number {
  if (typeof value !== "number" || !(value >= 0 && value < Infinity)) {
    throw wrongField(name, value, "a number of 0 or more");
  }
  return value;
}

/** A finite number above 0. */
export function positive(value: unknown, name: string): number {
  if (typeof value !== "number" || !(value > 0 && value < Infinity)) {
    throw wrongField(name, value, "a number above 0");
  }
  return value;
}

/** A finite number. */
export function finite(value: unknown, name: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrongField(name, value, "a finite number");
  return value;
}

/** A check for numbers of a range, both ends included. */
export function numberFrom(minimum: number, maximum: number): Check<number> {
  return (value, name) => {
    if (typeof value !== "number" || !(value >= minimum && value <= maximum)) {
      throw wrongField(name, value, `a number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** A check for whole numbers of a range, both ends included. */
export function wholeNumber(minimum: number, maximum: number): Check<number> {
  return (value, name) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      throw wrongField(name, value, `a whole number from ${minimum} to ${maximum}`);
    }
    return value;
  };
}

/** A check for one of a few strings. */
export function oneOf<T extends string>(values: readonly T[]): Check<T> {
  const known: ReadonlySet<unknown> = new Set(values);
  const isKnown = (value: unknown): value is T => known.has(value);
  return (value, name) => {
    if (!isKnown(value)) throw wrongField(name, value, `one of ${values.join(", ")}`);
    return value;
  };
}

/** A check for lists whose every element passes `check`. */
export function listOf<T>(check: Check<T>, maxLength = Infinity): Check<readonly T[]> {
  return (value, name) => {
    if (!Array.isArray(value)) throw wrongField(name, value, "a list");
    if (value.length > maxLength) throw wrongField(name, value, `at most ${maxLength}`);
    return value.map((element) => check(element, name));
  };
}

/** A check for maps whose every value passes `check`. */
export function mapOf<T>(check: Check<T>, maxEntries: number): Check<Readonly<Record<string, T>>> {
  return (value, name) => {
    const entries = Object.entries(fields(value, name));
    if (entries.length > maxEntries) {
      throw new InferenceError(
        "invalidArgument",
        `"${name}" has ${entries.length} entries, expected at most ${maxEntries}`,
      );
    }
    return Object.fromEntries(entries.map(([key, entry]) => [key, check(entry, `${name}.${shorten(key)}`)]));
  };
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

/** A string, a finite number or a boolean. */
export function scalar(value: unknown, name: string): Scalar {
  if (!isScalar(value)) throw wrongField(name, value, "a string, a finite number or a boolean");
  return value;
}

/** Parameters of a request or a frame. */
export const parameters: Check<Parameters> = mapOf(scalar, maxParameters);

/** A request's metadata. */
export const metadata: Check<Readonly<Record<string, string>>> = mapOf(text, maxMetadataEntries);

const texts = listOf(text);

/** What an error says beside its message. */
export const errorDetails: Check<ErrorDetails> = mapOf(
  (value, name) => (Array.isArray(value) ? texts(value, name) : scalar(value, name)),
  maxParameters,
);
