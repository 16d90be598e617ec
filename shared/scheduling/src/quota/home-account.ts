import type { Lease, LeaseAsk, Payer } from "@sluice/protocol";
import { createBudgetReserve, type BudgetReserve, type BudgetReserveOptions } from "./budget-reserve.ts";
import { hasBudget, type Quota } from "./quota.ts";
import { createRateBucket } from "./rate-bucket.ts";

/** A moment, on both clocks. */
export interface Moment {
  /** For durations, on one process's own clock. */
  readonly monotonicMs: number;
  /** For days and months. */
  readonly wallMs: number;
}

/** What the home of a payer keeps of its quota: how much of the rate may be spent now, and the reserve of its budgets. */
export interface HomeAccount {
  readonly budget: BudgetReserve;
  /** Books what was spent or given back, then leases as much of what is wanted as there is. */
  lease(quota: Quota, ask: Omit<LeaseAsk, keyof Payer>, now: Moment): Omit<Lease, keyof Payer>;
  /** Whether nothing is lost when the account is forgotten: the rate's bucket is full, and the budgets owe nothing. */
  isFull(quota: Quota, now: Moment): boolean;
}

export function createHomeAccount(options?: BudgetReserveOptions): HomeAccount {
  const bucket = createRateBucket();
  const budget = createBudgetReserve(options);

  return {
    budget,
    lease: (quota, { owedMs, wantMs }, { monotonicMs, wallMs }) => {
      const isBudgeted = hasBudget(quota);
      bucket.take(quota, owedMs, monotonicMs);
      if (isBudgeted) budget.take(owedMs);
      const levelMs = bucket.levelMs(quota, monotonicMs);
      const leasableMs = isBudgeted ? budget.leasableMs(quota, wallMs) : Infinity;
      const grantedMs = Math.max(0, Math.min(wantMs, levelMs, leasableMs));
      bucket.take(quota, grantedMs, monotonicMs);
      if (isBudgeted) budget.take(grantedMs);
      if (grantedMs === wantMs) return { grantedMs, shortOf: "none", waitMs: 0, spentMs: 0 };
      if (leasableMs < levelMs) return { grantedMs, ...budget.shortage(quota, wallMs) };
      const waitMs = (Math.max(0, -levelMs) / quota.rateMsPerSecond) * 1000;
      return { grantedMs, shortOf: "rateMsPerSecond", waitMs, spentMs: 0 };
    },
    isFull: (quota, { monotonicMs }) => {
      const levelMs = bucket.levelMs(quota, monotonicMs);
      return levelMs >= quota.burstMs && !budget.isOwed;
    },
  };
}
