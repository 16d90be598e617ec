import { readFileSync } from "node:fs";
import { isToken } from "@sluice/protocol";
import { z } from "zod";
import { type LogLevel, logLevels } from "./logger.ts";
import { Secret } from "./secret.ts";

/** A setting read from a text; chain `.default(…)` or `.optional()`. */
export type Setting<T> = z.ZodPipe<z.ZodString, z.ZodTransform<T, string>>;

export interface RangeOptions {
  readonly min?: number;
  readonly max?: number;
}

const integerPattern = /^-?\d{1,15}$/;

/**
 * Makes a piece of a settings schema. `parse` returns `undefined` for a text that is not of the form `expected` names; that
 * text is also the message when the variable is missing.
 */
export function setting<T>(expected: string, parse: (text: string) => T | undefined): Setting<T> {
  const message = `expected ${expected}`;
  return z.string({ error: message }).transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  });
}

/** A whole number; `unit` names what it counts. */
export function integer({ unit, ...range }: RangeOptions & { readonly unit: string }): Setting<number> {
  return setting(`${unit}, a whole number ${rangeText(range)}`, (text) => parseInteger(text, range));
}

/** A duration in whole milliseconds. */
export function durationMs(range: RangeOptions = {}): Setting<number> {
  return integer({ min: 0, ...range, unit: "milliseconds" });
}

/** A TCP port; 0 lets the system pick a free one. */
export function port(): Setting<number> {
  return integer({ min: 0, max: 65_535, unit: "a TCP port" });
}

/** A name that can be part of a subject: pool, worker, model, tenant. */
export function token(): Setting<string> {
  return setting("a name of 1 to 64 of A-Z a-z 0-9 _ -", (text) => (isToken(text) ? text : undefined));
}

/** Texts separated by commas, at least one. */
export function list(): Setting<readonly string[]> {
  return setting("a list separated by commas", parseList);
}

/** A log level. */
export function logLevel(): Setting<LogLevel> {
  return setting(`one of ${logLevels.join(", ")}`, (text) => logLevels.find((level) => level === text));
}

/** A text that is never shown. */
export function secret(): Setting<Secret> {
  return setting("a secret text", (text) => new Secret(text));
}

/** The path of a file whose text is never shown; gives the text. */
export function secretFile(): Setting<Secret> {
  return setting("the path of a file that can be read", (path) => {
    const text = readText(path);
    return text === undefined ? undefined : new Secret(text);
  });
}

/** The path of a file that can be read. */
export function readableFile(): Setting<string> {
  return setting("the path of a file that can be read", (path) =>
    readText(path) === undefined ? undefined : path,
  );
}

/** The text of a file without the white space around it; `undefined` where it cannot be read. */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}

function parseInteger(text: string, { min = -Infinity, max = Infinity }: RangeOptions): number | undefined {
  if (!integerPattern.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}

function rangeText({ min, max }: RangeOptions): string {
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `of at least ${min}`;
  return max === undefined ? "" : `of at most ${max}`;
}

function parseList(text: string): readonly string[] | undefined {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return entries.length === 0 ? undefined : Object.freeze(entries);
}
