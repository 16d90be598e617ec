/**
 * Bounds what a client adds to an overload by sending again: its retries are at most a part of its calls, and a few beyond that
 * for a hiccup after a quiet time.
 */
export interface RetryBudget {
  /** A call is made: earns its part of a retry. */
  earn(): void;
  /** Takes one retry; false when there is none left. */
  take(): boolean;
}

/** Retries that may be saved, and that a new client has: enough for one burst, little beside the calls of a busy client. */
export const savedRetries = 20;

/** @param retryRatio retries for each call, from 0 to 1. */
export function createRetryBudget(retryRatio: number): RetryBudget {
  let saved = savedRetries;
  return {
    earn: () => {
      saved = Math.min(savedRetries, saved + retryRatio);
    },
    take: () => {
      // Sums of tenths fall short of whole numbers by a hair.
      if (saved < 1 - 1e-9) return false;
      saved -= 1;
      return true;
    },
  };
}
