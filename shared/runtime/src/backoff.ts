import type { Random } from "./random.ts";

export interface BackoffOptions {
  /** How many attempts failed before, 0 for the first retry. */
  readonly attempt: number;
  /** Upper bound of the first wait. */
  readonly baseMs: number;
  /** Upper bound of every wait. */
  readonly maxMs: number;
}

/**
 * Tells how long to wait before the next attempt: a random part of `baseMs · 2^attempt`, bounded by `maxMs` (full jitter, so
 * that callers who failed together do not come back together).
 */
export function backoffMs({ attempt, baseMs, maxMs }: BackoffOptions, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** attempt);
}
