/** How long a message to another service and its answer take. */
export interface RoundTrip {
  observe(ms: number): void;
  /** The time that half of the recent round trips stay below, in milliseconds. */
  medianMs(): number;
  /** The time that 95 of 100 recent round trips stay below, in milliseconds. */
  p95Ms(): number;
}

/** Round trips that are remembered: enough for a 95th percentile that three outliers do not move. */
const sampleCount = 64;

/**
 * What is taken for each of them before anything was observed, in milliseconds. The first messages of a process are slow: alone
 * they would have credits leave much too early for as long as they are remembered.
 */
const initialMs = 1;

/** A round trip counts as at most this long, in milliseconds: a stall elsewhere must not make credits leave early. */
const longestMs = 20;

/** Creates an estimate over the last observations. */
export function createRoundTrip(): RoundTrip {
  const samples = new Float64Array(sampleCount).fill(initialMs);
  /** The same samples in order, kept so with each observation: sorting anew would cost more than a batch's own times. */
  const sorted: number[] = [...samples];
  let next = 0;
  const quantile = (part: number): number => sorted[Math.ceil(sampleCount * part) - 1] ?? initialMs;
  return {
    observe: (ms) => {
      const sample = Math.min(ms, longestMs);
      sorted.splice(sorted.indexOf(samples[next] ?? initialMs), 1);
      samples[next] = sample;
      next = (next + 1) % sampleCount;
      const place = sorted.findIndex((other) => other > sample);
      sorted.splice(place === -1 ? sorted.length : place, 0, sample);
    },
    medianMs: () => quantile(0.5),
    p95Ms: () => quantile(0.95),
  };
}
