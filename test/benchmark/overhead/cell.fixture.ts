import type { Cell } from "./cell.ts";

/** A window of an arm in which nothing was remarkable. */
export function aCell(
  arm: string,
  {
    cpuUs = 10,
    errors = {},
  }: { readonly cpuUs?: number; readonly errors?: Readonly<Record<string, number>> },
): Cell {
  return {
    arm,
    requestsPerSecond: 1000,
    completedCount: 1000,
    errorCount: 0,
    errors,
    meanMs: 1,
    p50Ms: 1,
    p90Ms: 2,
    p99Ms: 3,
    p999Ms: 4,
    lagP50Ms: NaN,
    lagP99Ms: NaN,
    cpuUsPerRequest: { total: cpuUs, client: cpuUs },
    peakMegabytes: { client: 80 },
    foreignCores: 0,
    stolenCores: 0,
  };
}
