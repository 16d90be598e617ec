import { maxIdLength } from "./limits.ts";

/** Tells whether `value` is a subject token: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export function isToken(value: unknown): value is string {
  return hasTokenLength(value) && !foreignCharacter.test(value);
}

/** Tells whether all words of `joined`, which stand between spaces, are subject tokens. One look at all characters. */
export function areTokens(joined: string, words: readonly unknown[]): boolean {
  return words.every(hasTokenLength) && !foreignOrSpace.test(joined);
}

/** A search for what must not be there is about twice as fast as a loop over the characters, or a pattern for all of them. */
const foreignCharacter = /[^A-Za-z0-9_-]/;
const foreignOrSpace = /[^A-Za-z0-9_ -]/;

function hasTokenLength(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= maxIdLength;
}
