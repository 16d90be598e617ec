import { createLatencies, type Latencies } from "../measure/latencies.ts";
import type { LoadRecord } from "./recorder.ts";

/** The figures of a window, of one process or several that sent at the same time. */
export interface LoadSummary {
  readonly requestsPerSecond: number;
  readonly completedCount: number;
  readonly errorCount: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How late calls were sent, in an open loop; NaN in a closed one. */
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
}

/** Adds up what processes saw of one window: their throughputs, and their latencies in one histogram. */
export function summarize(records: readonly LoadRecord[]): LoadSummary {
  const latencies = addUp(records.map((record) => record.latencies));
  const lags = addUp(records.map((record) => record.lags));
  const errors: Record<string, number> = {};
  for (const record of records) {
    for (const [code, count] of Object.entries(record.errors)) errors[code] = (errors[code] ?? 0) + count;
  }
  return {
    requestsPerSecond: records.reduce((sum, record) => sum + record.completedCount / record.seconds, 0),
    completedCount: records.reduce((sum, record) => sum + record.completedCount, 0),
    errorCount: Object.values(errors).reduce((sum, count) => sum + count, 0),
    errors,
    meanMs: latencies.meanMs(),
    p50Ms: latencies.quantileMs(0.5),
    p90Ms: latencies.quantileMs(0.9),
    p99Ms: latencies.quantileMs(0.99),
    p999Ms: latencies.quantileMs(0.999),
    lagP50Ms: lags.quantileMs(0.5),
    lagP99Ms: lags.quantileMs(0.99),
  };
}

function addUp(encoded: readonly string[]): Latencies {
  const sum = createLatencies();
  for (const part of encoded) sum.add(part);
  return sum;
}
