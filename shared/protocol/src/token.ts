import { maxIdLength } from "./limits.ts";

/** Tells whether `value` is a subject token: 1 to 64 of `A-Z a-z 0-9 _ -`. */
export function isToken(value: unknown): value is string {
  if (typeof value !== "string" || value.length === 0 || value.length > maxIdLength) return false;
  for (let index = 0; index < value.length; index++) {
    if (!isTokenCharacter(value.charCodeAt(index))) return false;
  }
  return true;
}

function isTokenCharacter(code: number): boolean {
  if (code >= 0x61) return code <= 0x7a;
  if (code >= 0x41) return code <= 0x5a || code === 0x5f;
  return (code >= 0x30 && code <= 0x39) || code === 0x2d;
}
