import type { RunShape } from "@sluice/scheduling";

export interface SweepLimits {
  /** Most items in a run. */
  readonly maxItems: number;
  /** Most elements in a row; 1 where rows do not differ, Infinity where nobody knows. */
  readonly maxLength: number;
  /** Most elements in a run of several items. */
  readonly maxTokens: number;
}

const itemCounts = [1, 2, 4, 8, 16, 32];
const lengths = [16, 64, 256];

/** Longest row that is tried where nobody knows how long they may be. */
const longestGuess = 256;

/** The shapes that tell the parts of a latency curve apart: single items of every length, then more and more of them. */
export function sweepShapes({ maxItems, maxLength, maxTokens }: SweepLimits): RunShape[] {
  const longest = maxLength === Infinity ? longestGuess : maxLength;
  const measured = [...lengths.filter((length) => length < longest), longest];
  return itemCounts
    .filter((items) => items <= maxItems)
    .flatMap((items) => measured.map((length) => ({ items, length })))
    .filter(({ items, length }) => items === 1 || items * length <= maxTokens);
}
