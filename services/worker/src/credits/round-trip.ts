/** How long a message to another service and its answer take. */
export interface RoundTrip {
  observe(ms: number): void;
  /** The time that 95 of 100 recent round trips stay below, in milliseconds. */
  p95Ms(): number;
}

/** Round trips that are remembered: enough for a 95th percentile that one outlier does not move. */
const sampleCount = 64;

/** What is assumed before anything was observed, in milliseconds. */
const initialMs = 1;

/** A round trip counts as at most this long, in milliseconds: a stall elsewhere must not make credits leave early. */
const longestMs = 20;

/** Creates an estimate over the last observations. */
export function createRoundTrip(): RoundTrip {
  const samples: number[] = [];
  /** The same samples in order, kept so with each observation: sorting anew would cost more than a batch's own times. */
  const sorted: number[] = [];
  let next = 0;
  return {
    observe: (ms) => {
      const sample = Math.min(ms, longestMs);
      const forgotten = samples[next];
      if (forgotten !== undefined) sorted.splice(sorted.indexOf(forgotten), 1);
      samples[next] = sample;
      next = (next + 1) % sampleCount;
      const place = sorted.findIndex((other) => other > sample);
      sorted.splice(place === -1 ? sorted.length : place, 0, sample);
    },
    p95Ms: () => sorted[Math.ceil(sorted.length * 0.95) - 1] ?? initialMs,
  };
}
