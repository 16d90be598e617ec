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
  let next = 0;
  let p95Ms: number | undefined = initialMs;
  return {
    observe: (ms) => {
      samples[next] = Math.min(ms, longestMs);
      next = (next + 1) % sampleCount;
      p95Ms = undefined;
    },
    p95Ms: () => {
      p95Ms ??= quantile(samples, 0.95);
      return p95Ms;
    },
  };
}

function quantile(samples: readonly number[], ratio: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * ratio) - 1] ?? initialMs;
}
