/** One run of an engine: what the worker did, as the worker knows it. */
export interface EngineRun {
  readonly startMs: number;
  readonly endMs: number;
  /** One for each request of the batch; the costs add up to the run. */
  readonly parts: readonly { readonly tenant: string; readonly costMs: number }[];
}

/** A stretch of simulated time; its end does not belong to it. */
export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Worker time that each tenant received within a span. A run that lies in it in part counts in that part. */
export function receivedMs(log: readonly EngineRun[], { fromMs, untilMs }: Span): Map<string, number> {
  const received = new Map<string, number>();
  for (const { startMs, endMs, parts } of log) {
    const insideMs = Math.min(endMs, untilMs) - Math.max(startMs, fromMs);
    if (insideMs <= 0) continue;
    const insideRatio = insideMs / (endMs - startMs);
    for (const { tenant, costMs } of parts) {
      received.set(tenant, (received.get(tenant) ?? 0) + insideRatio * costMs);
    }
  }
  return received;
}

/** The part of all worker time given within a span that one tenant received; NaN if none was given. */
export function shareOf(tenant: string, log: readonly EngineRun[], span: Span): number {
  const received = receivedMs(log, span);
  const sumMs = [...received.values()].reduce((sum, ms) => sum + ms, 0);
  return (received.get(tenant) ?? 0) / sumMs;
}

/**
 * The largest difference that came up between what two tenants of equal weights received within any stretch of the log,
 * in worker-milliseconds; runs count when they end.
 */
export function largestDifferenceMs(
  log: readonly EngineRun[],
  [one, other]: readonly [string, string],
): number {
  let differenceMs = 0;
  let lowestMs = 0;
  let highestMs = 0;
  for (const { parts } of log) {
    for (const { tenant, costMs } of parts) {
      if (tenant === one) differenceMs += costMs;
      else if (tenant === other) differenceMs -= costMs;
    }
    lowestMs = Math.min(lowestMs, differenceMs);
    highestMs = Math.max(highestMs, differenceMs);
  }
  return highestMs - lowestMs;
}
