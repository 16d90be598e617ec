import {
  defaultTenantClass,
  type BatchDone,
  type ErrorCode,
  type Refusals,
  type TenantReport,
} from "@sluice/protocol";
import type { FairQueue, TenantShare } from "@sluice/scheduling";
import { isAmong } from "./is-among.ts";
import { queuedMs, type OpenRequest, type Batch } from "./open-request.ts";
import { RecentTimes } from "./recent-times.ts";
import type { TenantStanding } from "./tenant-standing.ts";

/** What a queue says of all its tenants at one moment. */
export interface QueueView {
  readonly shares: readonly TenantShare<OpenRequest>[];
  /** What it charged in all, in worker-milliseconds. */
  readonly chargedMs: number;
  readonly nowMs: number;
}

/** Remembers of the tenants of a pool what the queue does not: what they received of late, how long they waited, refusals. */
export interface TenantSamples {
  /** Notes how long requests of a batch took, of at most a few of them. */
  noteBatch(batch: Batch, done: BatchDone, nowMs: number): void;
  /** Part of the time of all batches that was for requests that nobody waited for any more. */
  uselessRatio(): number;
  noteRefusals(tenant: string, code: ErrorCode, count: number): void;
  /** Where the tenants stand. */
  standings(view: QueueView): TenantStanding[];
  /** The same, about once a second: moves the window of what counts as of late, and forgets who had nothing in it. */
  sample(view: QueueView): TenantStanding[];
  /** What all received since the last sample. */
  receivedSinceMs(view: Pick<QueueView, "chargedMs">): number;
  times(tenant: string): Pick<TenantReport, "p50Ms" | "p99Ms">;
  /** Refusals of tenants that are no longer remembered. */
  otherRefusals(): Refusals;
}

/** Number of samples, a second apart unless the pool has very many tenants, over which `share` is taken. */
const windowSamples = 10;

/** Tenants remembered beside those that the queue knows: refusals of further ones count for the others. */
const mostTenants = 4096;

/** Requests of one batch whose time is noted: enough for quantiles, little beside a batch of many. */
const timesPerBatch = 16;

/** Part of `recentMs` that is left after a second: it is halved in about 35 s. */
const keptPart = 0.98;

interface Memory {
  /** What the queue had charged at the last samples, the oldest first. */
  marks: number[];
  /** The most it had charged at a sample: corrections do not count back. */
  toldMs: number;
  recentMs: number;
  times: RecentTimes | undefined;
  readonly refusals: Map<ErrorCode, number>;
  /** Samples since anything was noted of it; counts while the queue does not know it. */
  idleSamples: number;
}

export function createTenantSamples(): TenantSamples {
  const memories = new Map<string, Memory>();
  const others = new Map<ErrorCode, number>();
  const pool = createMemory();
  let allCostMs = 0;
  let allUselessMs = 0;
  let batchCount = 0;

  const remember = (tenant: string): Memory => {
    let memory = memories.get(tenant);
    if (memory === undefined) {
      memory = createMemory();
      memories.set(tenant, memory);
    }
    memory.idleSamples = 0;
    return memory;
  };

  /** Whether one more may be noted that the queue may not know. */
  const hasRoomFor = (tenant: string): boolean => memories.size < mostTenants || memories.has(tenant);

  const toStanding = (share: TenantShare<OpenRequest>, view: QueueView): TenantStanding => {
    const memory = memories.get(share.tenant);
    const receivedMs = Math.max(0, share.chargedMs);
    const { oldest } = share;
    return {
      recentMs: memory?.recentMs ?? 0,
      receivedSinceMs: Math.max(0, share.chargedMs - (memory?.toldMs ?? 0)),
      report: {
        tenant: share.tenant,
        class: share.class,
        group: share.group,
        weight: share.weight,
        waitingCount: share.waiting,
        oldestMs: oldest === undefined ? 0 : Math.max(0, queuedMs(oldest, view.nowMs)),
        inFlightCount: share.inFlight,
        receivedMs,
        share: partOf(windowMs(memory, share.chargedMs), windowMs(pool, view.chargedMs)),
        fairShare: Math.min(1, share.fairShare),
        lagMs: share.lagMs,
        refusals: toRefusals(memory?.refusals ?? none),
      },
    };
  };

  const standings = (view: QueueView): TenantStanding[] => {
    const listed = new Set<string>();
    const all = view.shares.map((share) => {
      listed.add(share.tenant);
      return toStanding(share, view);
    });
    // Those that were only refused have no place in the queue.
    for (const [tenant, memory] of memories) {
      if (listed.has(tenant) || memory.refusals.size === 0) continue;
      all.push(toStanding({ ...nothing, tenant }, view));
    }
    return all;
  };

  const forget = (tenant: string, { refusals }: Memory): void => {
    memories.delete(tenant);
    for (const [code, count] of refusals) others.set(code, (others.get(code) ?? 0) + count);
  };

  return {
    noteBatch: ({ runs }, { costMs, uselessMs, returned, failed }, nowMs) => {
      allCostMs += costMs;
      allUselessMs += uselessMs;
      const step = Math.ceil(runs.length / timesPerBatch);
      // Another start each time, so that no place in a batch is looked at more often.
      batchCount += 1;
      for (let index = batchCount % step; index < runs.length; index += step) {
        const run = runs[index];
        if (run?.kind !== "request" || isAmong(returned, run) || isAmong(failed, run)) continue;
        if (!hasRoomFor(run.tenant)) continue;
        const memory = remember(run.tenant);
        memory.times ??= new RecentTimes();
        memory.times.add(queuedMs(run, nowMs));
      }
    },
    uselessRatio: () => (allCostMs === 0 ? 0 : Math.min(1, allUselessMs / allCostMs)),
    noteRefusals: (tenant, code, count) => {
      const refusals = hasRoomFor(tenant) ? remember(tenant).refusals : others;
      refusals.set(code, (refusals.get(code) ?? 0) + count);
    },
    standings,
    sample: (view) => {
      const all = standings(view);
      const listed = new Set<string>();
      for (const { tenant, chargedMs } of view.shares) {
        listed.add(tenant);
        mark(remember(tenant), chargedMs);
      }
      for (const [tenant, memory] of memories) {
        if (listed.has(tenant)) continue;
        forgetCharges(memory);
        memory.idleSamples += 1;
        if (memory.idleSamples > windowSamples) forget(tenant, memory);
      }
      mark(pool, view.chargedMs);
      return all;
    },
    receivedSinceMs: ({ chargedMs }) => Math.max(0, chargedMs - pool.toldMs),
    times: (tenant) => memories.get(tenant)?.times?.quantiles() ?? {},
    otherRefusals: () => toRefusals(others),
  };
}

const none: ReadonlyMap<ErrorCode, number> = new Map();

const nothing = {
  class: defaultTenantClass,
  group: "",
  weight: 1,
  v: 0,
  waiting: 0,
  oldest: undefined,
  inFlight: 0,
  chargedMs: 0,
  fairShare: 0,
  lagMs: 0,
} as const;

function createMemory(): Memory {
  return { marks: [], toldMs: 0, recentMs: 0, times: undefined, refusals: new Map(), idleSamples: 0 };
}

/** What was charged within the window; the queue begins a tenant's record at 0. */
function windowMs(memory: Memory | undefined, chargedMs: number): number {
  const marks = memory?.marks ?? [];
  const fromMs = marks.length < windowSamples ? 0 : (marks[0] ?? 0);
  return Math.max(0, chargedMs - fromMs);
}

function mark(memory: Memory, chargedMs: number): void {
  memory.recentMs = memory.recentMs * keptPart + Math.max(0, chargedMs - memory.toldMs);
  memory.toldMs = Math.max(memory.toldMs, chargedMs);
  memory.marks.push(chargedMs);
  if (memory.marks.length > windowSamples) memory.marks.shift();
}

/** The queue has no record of the tenant any more: the next one begins at 0. */
function forgetCharges(memory: Memory): void {
  memory.recentMs *= keptPart;
  memory.toldMs = 0;
  memory.marks = [];
}

function partOf(part: number, whole: number): number {
  return whole <= 0 ? 0 : Math.min(1, part / whole);
}

function toRefusals(refusals: ReadonlyMap<ErrorCode, number>): Refusals {
  return Object.fromEntries(refusals);
}

export function viewQueue(queue: FairQueue<OpenRequest>, nowMs: number): QueueView {
  return { shares: [...queue.shares()], chargedMs: queue.chargedMs(), nowMs };
}
