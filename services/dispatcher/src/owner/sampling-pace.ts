/** Keeps samples of a pool's tenants from taking more than a small part of their owner's time. Time is an argument. */
export interface SamplingPace {
  isDue(nowMs: number): boolean;
  /** Notes that a sample was taken. */
  took(sample: { readonly startedMs: number; readonly endedMs: number }): void;
}

/**
 * Part of the owner's time that samples may take. A sample costs about 2 µs for each tenant that waits, so that it counts from some
 * 5,000 of them on.
 */
const mostPart = 0.01;

export function createSamplingPace(): SamplingPace {
  let dueMs = -Infinity;
  return {
    isDue: (nowMs) => nowMs >= dueMs,
    took: ({ startedMs, endedMs }) => {
      dueMs = startedMs + (endedMs - startedMs) / mostPart;
    },
  };
}
