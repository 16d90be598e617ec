/** What limits a tenant, or a group, in all pools together; Infinity = no such limit. */
export interface Quota {
  /** Worker-milliseconds a second that it may spend for good. */
  readonly rateMsPerSecond: number;
  /** Worker-milliseconds that it may spend at once when it has spent nothing for a while. */
  readonly burstMs: number;
  /** Worker-milliseconds of one UTC day. */
  readonly dailyBudgetMs: number;
  /** Worker-milliseconds of one UTC month. */
  readonly monthlyBudgetMs: number;
}

/** A quota as a record says it; what is absent does not limit. */
export interface QuotaTerms {
  readonly rateMsPerSecond?: number;
  /** Default: one second of the rate. */
  readonly burstMs?: number;
  readonly dailyBudgetSeconds?: number;
  readonly monthlyBudgetSeconds?: number;
}

/** Shortest burst, in seconds of the rate: leases of a shorter one would run out between two messages to the home. */
const leastBurstSeconds = 0.1;

/** Largest part of a budget that is written as spent ahead of its use, little enough to be lost with a process. */
const pieceRatio = 0.05;
/** Most that is written ahead, in worker-milliseconds: where budgets are large, a write for each ten worker-seconds costs nothing. */
const mostPieceMs = 10_000;

/** The quota of a record, frozen: it is looked at for every message. `undefined` where nothing limits. */
export function toQuota(terms: QuotaTerms): Quota | undefined {
  const { rateMsPerSecond = Infinity, burstMs = rateMsPerSecond } = terms;
  const { dailyBudgetSeconds = Infinity, monthlyBudgetSeconds = Infinity } = terms;
  if (Math.min(rateMsPerSecond, dailyBudgetSeconds, monthlyBudgetSeconds) === Infinity) return undefined;
  return Object.freeze({
    rateMsPerSecond,
    burstMs: Math.max(burstMs, rateMsPerSecond * leastBurstSeconds),
    dailyBudgetMs: 1000 * dailyBudgetSeconds,
    monthlyBudgetMs: 1000 * monthlyBudgetSeconds,
  });
}

export function hasBudget({ dailyBudgetMs, monthlyBudgetMs }: Quota): boolean {
  return Math.min(dailyBudgetMs, monthlyBudgetMs) < Infinity;
}

/** How much of a budget its home writes as spent at a time. */
export function pieceMs({ dailyBudgetMs, monthlyBudgetMs }: Quota): number {
  return Math.min(mostPieceMs, pieceRatio * Math.min(dailyBudgetMs, monthlyBudgetMs));
}

/**
 * What one of `dispatcherCount` dispatchers keeps leased of a quota. All of them together hold at most half a burst, and half of a
 * piece of the budget.
 */
export function chunkMs(quota: Quota, dispatcherCount: number): number {
  return Math.min(quota.burstMs, pieceMs(quota)) / (2 * Math.max(1, dispatcherCount));
}
