import { randomBytes } from "node:crypto";

/** A source of numbers from 0 (included) to 1 (excluded), such as `Math.random`; tests give a fixed one. */
export type Random = () => number;

/** The random source of the platform: for spreading load and retries, never for secrets. */
export const systemRandom: Random = () => Math.random();

/** 72 bits: with a billion living ids the chance of one collision is below one in five thousand. */
const idBytes = 9;
/** Random bytes are drawn for so many ids at once: a draw costs the same for few bytes as for many. */
const idsPerDraw = 256;

const createIdSource = (): (() => string) => {
  let pool = Buffer.alloc(0);
  let offset = 0;
  return () => {
    if (offset === pool.byteLength) {
      pool = randomBytes(idBytes * idsPerDraw);
      offset = 0;
    }
    offset += idBytes;
    return pool.toString("base64url", offset - idBytes, offset);
  };
};

const nextId = createIdSource();

/** Makes an id that nobody else has: 12 characters of `A-Z a-z 0-9 _ -`, after `prefix` and a dash if one is given. A valid subject token. */
export function createId(prefix?: string): string {
  const id = nextId();
  return prefix === undefined ? id : `${prefix}-${id}`;
}
