import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, quantile } from "@sluice/load-generator";
import { measureCpu, type CpuUse } from "./cpu-meter.ts";
import { offerPoisson } from "./load.ts";
import type { Stage } from "./stage.ts";

/** A tenant's calls of one model at random moments, whatever becomes of them. */
export interface OfferedStream {
  readonly tenant: string;
  readonly model: string;
  readonly ratePerSecond: number;
}

export interface GoodputOptions {
  readonly streams: readonly OfferedStream[];
  readonly timeoutMs: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly seed: number;
}

/** What became of the calls that were due after the warm-up. */
export interface Goodput {
  readonly sentCount: number;
  readonly inTimeCount: number;
  /** Calls whose callers had their answer in time, for each second. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpu: CpuUse;
}

/** Offers streams of calls, each over a client of its tenant, and counts those that were answered in time. */
export async function measureGoodput(stage: Stage, options: GoodputOptions): Promise<Goodput> {
  const { streams, timeoutMs, warmUpMs, measuredMs, seed } = options;
  const tenants = [...new Set(streams.map(({ tenant }) => tenant))];
  const clients = new Map(
    await Promise.all(tenants.map(async (tenant) => [tenant, await stage.client(tenant)] as const)),
  );
  const loads = streams.map(({ tenant, model, ratePerSecond }, stream) => {
    const client = clients.get(tenant);
    if (client === undefined) throw new Error(`no client of ${tenant}`);
    const caller = { client, tags: stage.tags, model, timeoutMs };
    return offerPoisson(caller, { ratePerSecond, atOnce: 1, random: createRandom(seed, stream) });
  });
  await sleep(warmUpMs);
  const measuredFromMs = performance.now();
  const readCpu = measureCpu();
  await sleep(measuredMs);
  const cpu = readCpu();
  const calls = (await Promise.all(loads.map((load) => load.stop()))).flat();
  await Promise.all([...clients.values()].map((client) => client.close()));

  const sent = calls.filter(({ sentMs }) => sentMs >= measuredFromMs);
  const inTimeCount = sent.filter(({ code, latencyMs }) => code === "ok" && latencyMs <= timeoutMs).length;
  const latenciesMs = Float64Array.from(sent, ({ latencyMs }) => latencyMs).sort();
  return {
    sentCount: sent.length,
    inTimeCount,
    perSecond: (1000 * inTimeCount) / measuredMs,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    cpu,
  };
}
