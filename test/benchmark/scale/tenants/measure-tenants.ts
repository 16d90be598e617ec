import { setTimeout as sleep } from "node:timers/promises";
import { readProcessUsage, summarize, type LoadRecord, type LoadSummary } from "@sluice/load-generator";
import { startRunner } from "../../measure/role-process.ts";
import { measureCpu, type CpuUse } from "../../stage/cpu-meter.ts";
import { startStage } from "../../stage/stage.ts";
import type { TenantWindow } from "./tenant-window.ts";

export interface TenantsOptions {
  readonly tenantCount: number;
  readonly ratePerSecond: number;
  readonly atOnce: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export interface TenantsOutcome {
  readonly load: LoadSummary;
  /** Answered of what was due. */
  readonly answeredRatio: number;
  /** CPU time of the owner for each request that was answered, in microseconds. */
  readonly ownerMicros: number;
  readonly ownerResidentBytes: number;
  /** CPU time of the process that makes the load, for each request. */
  readonly loadMicros: number;
  readonly cpu: CpuUse;
}

/** Takes no time, so that the machine has it for everything else; its batches are of the size that a worker is given at most. */
const engine = { runMs: 0, requestMs: 0, maxBatchItems: 64 };
const timeoutMs = 1_000;
/** After which a window is given up, beside its own length. */
const spareMs = 10_000;

/** Offers one pool the calls of so many tenants of the default class. */
export async function measureTenants(options: TenantsOptions): Promise<TenantsOutcome> {
  const { warmUpMs, measuredMs, ...offered } = options;
  await using stage = await startStage({
    pools: { tenants: { models: { m: engine }, workerCount: 1, slotsOfWorker: 2 } },
    dispatchers: ["d1"],
    tenants: [],
    logsRuns: false,
  });
  await using gateway = await startRunner<TenantWindow, LoadRecord>(["tenants", stage.server]);
  const run = async (windowMs: number, seed: number): Promise<LoadRecord> => {
    const window = { ...offered, model: "m", timeoutMs, windowMs, seed };
    const givenUp = new AbortController();
    try {
      return await Promise.race([gateway.run(window), failAfter(windowMs + spareMs, givenUp.signal)]);
    } finally {
      givenUp.abort();
    }
  };
  await run(warmUpMs, 1);
  const ownerPid = stage.dispatchers.get("d1")?.pid ?? NaN;
  const before = { owner: readProcessUsage(ownerPid).cpuMs, load: readProcessUsage(gateway.pid).cpuMs };
  const readCpu = measureCpu();
  const load = summarize([await run(measuredMs, 2)]);
  const cpu = readCpu();
  const owner = readProcessUsage(ownerPid);
  const microsOf = (cpuMs: number): number => (1000 * cpuMs) / load.completedCount;
  return {
    load,
    answeredRatio: load.completedCount / (load.completedCount + load.errorCount),
    ownerMicros: microsOf(owner.cpuMs - before.owner),
    ownerResidentBytes: owner.residentBytes,
    loadMicros: microsOf(readProcessUsage(gateway.pid).cpuMs - before.load),
    cpu,
  };
}

async function failAfter(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, undefined, { signal });
  throw new Error(`calls were still open after ${ms} ms`);
}
