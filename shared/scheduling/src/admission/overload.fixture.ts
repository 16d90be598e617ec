import { anEntry, type NamedEntry } from "../contract/entries.ts";
import { createFairQueue } from "../fair/fair-queue.ts";
import { createNoise, createTestPolicies } from "../fair/pool.fixture.ts";
import { createHeap } from "../heap.ts";
import { createTurnForecast } from "./turn-forecast.ts";

/** Requests of one tenant that come at random, a Poisson process. */
export interface Stream {
  readonly tenant: string;
  readonly weight?: number;
  readonly perSecond: number;
  readonly timeoutMs: number;
}

export interface OverloadOptions {
  readonly streams: readonly Stream[];
  readonly workerCount: number;
  readonly mostItems: number;
  readonly runMs: (items: number) => number;
  /** Requests come until then. */
  readonly untilMs: number;
  /** Only those are counted that came before: the last ones have the pool to themselves. */
  readonly countedUntilMs: number;
  readonly seed: number;
  readonly refuses: boolean;
}

/** Numbers of a tenant's requests by what became of them. */
export interface OverloadOutcome {
  requestCount: number;
  inTimeCount: number;
  refusedCount: number;
}

interface Happening {
  readonly atMs: number;
  happen(): void;
}

/**
 * Runs a pool in virtual time, with or without refusing what has no chance. Workers run no request that would end too late.
 * With one seed the same requests come, whatever becomes of them.
 */
export function runOverload(options: OverloadOptions): ReadonlyMap<string, OverloadOutcome> {
  const { streams, workerCount, mostItems, runMs, untilMs, countedUntilMs, seed, refuses } = options;
  const policies = createTestPolicies();
  for (const { tenant, weight = 1 } of streams) policies.setTenant(tenant, { weight });
  const queue = createFairQueue<NamedEntry>({ policies });
  const forecast = createTurnForecast({ queue });
  const happenings = createHeap<Happening>(({ atMs }) => atMs);
  const outcomes = new Map<string, OverloadOutcome>();
  let nowMs = 0;
  let arrival = 0;
  let idleCount = workerCount;

  const serve = (): void => {
    while (idleCount > 0 && queue.size > 0) {
      queue.expire(nowMs + runMs(Math.min(mostItems, queue.size)));
      const entries = queue.take(
        { models: ["m"], maxItems: () => mostItems, maxBytes: Infinity, alone: false },
        nowMs,
      );
      if (entries.length === 0) return;
      idleCount -= 1;
      const durationMs = runMs(entries.length);
      happenings.push({ atMs: nowMs + durationMs, happen: () => finish(entries, durationMs) });
    }
  };

  const count = (entry: Pick<NamedEntry, "tenant" | "key">, field: keyof OverloadOutcome): void => {
    const outcome = outcomes.get(entry.tenant);
    if (outcome !== undefined && entry.key === "counted") outcome[field] += 1;
  };

  const finish = (entries: readonly NamedEntry[], durationMs: number): void => {
    idleCount += 1;
    for (const entry of entries) {
      queue.settle(entry, durationMs / entries.length);
      if (entry.deadlineMs >= nowMs) count(entry, "inTimeCount");
    }
    serve();
  };

  const come = ({ tenant, timeoutMs }: Stream): void => {
    arrival += 1;
    const key = nowMs < countedUntilMs ? "counted" : "last";
    const entry = anEntry({ key, arrival, tenant, deadlineMs: nowMs + timeoutMs });
    count(entry, "requestCount");
    if (refuses && forecast.lateness(entry, nowMs) !== undefined) count(entry, "refusedCount");
    else queue.add(entry);
    serve();
  };

  streams.forEach((stream, index) => {
    outcomes.set(stream.tenant, { requestCount: 0, inTimeCount: 0, refusedCount: 0 });
    const noise = createNoise(seed + 7919 * index);
    const stepMs = (): number => (-Math.log(1 - noise()) * 1000) / stream.perSecond;
    for (let atMs = stepMs(); atMs < untilMs; atMs += stepMs()) {
      happenings.push({ atMs, happen: () => come(stream) });
    }
  });
  for (let next = happenings.pop(); next !== undefined; next = happenings.pop()) {
    nowMs = next.atMs;
    next.happen();
  }
  return outcomes;
}
