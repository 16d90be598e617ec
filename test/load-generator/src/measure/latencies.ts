import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

/** How long calls took, in a histogram of three digits: of a fixed size, however many they are. */
export interface Latencies {
  readonly count: number;
  /** Latencies above {@link mostMs} count as that. */
  record(latencyMs: number): void;
  /** Smallest latency that at least `share` (0 to 1) of all do not exceed; NaN for none. */
  quantileMs(share: number): number;
  meanMs(): number;
  /** Adds what was recorded elsewhere, in the form of {@link Latencies.encode}. */
  add(encoded: string): void;
  /** The histogram as text, so that one process can tell another. */
  encode(): string;
}

/** 100 ns: calls within a process take some microseconds. */
const unitsPerMs = 10_000;
/** Below 2^31 units, up to where the library counts fastest. */
const mostMs = 200_000;

export function createLatencies(): Latencies {
  const histogram: Histogram = build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: mostMs * unitsPerMs,
    numberOfSignificantValueDigits: 3,
  });
  return {
    get count() {
      return histogram.totalCount;
    },
    record: (latencyMs) =>
      histogram.recordValue(Math.round(Math.min(mostMs, Math.max(0, latencyMs)) * unitsPerMs)),
    quantileMs: (share) =>
      histogram.totalCount === 0 ? NaN : histogram.getValueAtPercentile(share * 100) / unitsPerMs,
    meanMs: () => (histogram.totalCount === 0 ? NaN : histogram.mean / unitsPerMs),
    add: (encoded) => histogram.add(decodeFromCompressedBase64(encoded)),
    encode: () => encodeIntoCompressedBase64(histogram),
  };
}
