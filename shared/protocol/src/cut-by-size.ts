import { fullPackRows, packHeadBytes } from "./limits.ts";

/** Rows cut into packs that fit, and those that fit nowhere. */
export interface CutRows<T> {
  readonly packs: T[][];
  /** Rows too large for a message of their own. */
  readonly tooLarge: T[];
}

/**
 * Cuts rows, in their order, into as few packs as fill up one after the other: with bytes, or with {@link fullPackRows}.
 * @param bytesOf upper bound of what a row adds: `requestBytes` or `frameBytes`.
 * @param maxBytes most bytes of an encoded pack: `max_payload` less the headers the message will have.
 */
export function cutBySize<T>(rows: readonly T[], bytesOf: (row: T) => number, maxBytes: number): CutRows<T> {
  const budget = maxBytes - packHeadBytes;
  const packs: T[][] = [];
  const tooLarge: T[] = [];
  let pack: T[] | undefined;
  let left = 0;
  for (const row of rows) {
    const bytes = bytesOf(row);
    if (bytes > budget) {
      tooLarge.push(row);
      continue;
    }
    if (pack === undefined || bytes > left || pack.length >= fullPackRows) {
      pack = [];
      packs.push(pack);
      left = budget;
    }
    pack.push(row);
    left -= bytes;
  }
  return { packs, tooLarge };
}
