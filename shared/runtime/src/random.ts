import { randomBytes } from "node:crypto";

/** A source of numbers from 0 (included) to 1 (excluded), such as `Math.random`; tests give a fixed one. */
export type Random = () => number;

/** The random source of the platform: for spreading load and retries, never for secrets. */
export const systemRandom: Random = () => Math.random();

/** 72 bits: with a billion living ids the chance of one collision is below one in five thousand. */
const idBytes = 9;

/** Makes an id that nobody else has: 12 characters of `A-Z a-z 0-9 _ -`, after `prefix` and a dash if one is given. A valid subject token. */
export function createId(prefix?: string): string {
  const id = randomBytes(idBytes).toString("base64url");
  return prefix === undefined ? id : `${prefix}-${id}`;
}
