/** What the rule of stability looks at in a window. */
export interface WindowFigures {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
}

/** Windows that must agree. */
const windowCount = 3;
/** How far each may be from their mean, as a part of it. */
const tolerance = 0.1;

/**
 * Whether the last three windows agree: throughput and latency of each within 10 % of their mean.
 *
 * Source: the rule by which `perf_analyzer` of Triton ends a measurement.
 */
export function isStable(windows: readonly WindowFigures[]): boolean {
  const last = windows.slice(-windowCount);
  return (
    last.length === windowCount &&
    agree(last.map(({ requestsPerSecond }) => requestsPerSecond)) &&
    agree(last.map(({ p50Ms }) => p50Ms))
  );
}

function agree(values: readonly number[]): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.every((value) => Math.abs(value - mean) <= tolerance * mean);
}
