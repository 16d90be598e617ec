import { createRefusal, limitRefusal, type Payer, type Refusal } from "@sluice/protocol";
import type { Quota, WalletShortage } from "@sluice/scheduling";

/** A payer whose rate or budgets are limited. */
export interface LimitedPayer extends Payer {
  readonly quota: Quota;
}

/** Why a request that is estimated to cost `costMs` cannot be paid for now. */
export function quotaRefusal(payer: LimitedPayer, costMs: number, shortage: WalletShortage): Refusal {
  const { shortOf, retryAfterMs } = shortage;
  switch (shortOf) {
    case "rateMsPerSecond":
      return rateExceeded(payer, costMs, shortage);
    case "dailyBudgetSeconds":
    case "monthlyBudgetSeconds":
      return budgetSpent(payer, costMs, { ...shortage, shortOf });
    case "unavailable": {
      const message = `nobody can tell now what ${titleOf(payer)} has left of its budget`;
      return createRefusal("unavailable", message, { retryAfterMs });
    }
    case "none":
    case "pending": {
      const message = `what ${titleOf(payer)} may spend next is being leased`;
      return createRefusal("unavailable", message, { retryAfterMs });
    }
  }
}

/** The rate that counts is that over the time of a burst, ending with the request. */
function rateExceeded(payer: LimitedPayer, costMs: number, shortage: WalletShortage): Refusal {
  const { of, quota } = payer;
  const { rateMsPerSecond, burstMs } = quota;
  const { balanceMs, retryAfterMs } = shortage;
  const actual = Math.ceil((rateMsPerSecond * (burstMs + costMs - balanceMs)) / burstMs);
  const message =
    `${titleOf(payer)} would spend ${actual} worker-milliseconds a second, ` +
    `expected at most ${rateMsPerSecond} (rateMsPerSecond)`;
  return limitRefusal(message, {
    limit: "rateMsPerSecond",
    of,
    value: rateMsPerSecond,
    actual,
    retryAfterMs,
  });
}

interface SpentBudget extends WalletShortage {
  readonly shortOf: "dailyBudgetSeconds" | "monthlyBudgetSeconds";
}

function budgetSpent(payer: LimitedPayer, costMs: number, spent: SpentBudget): Refusal {
  const { shortOf, spentMs, retryAfterMs } = spent;
  const { of, quota } = payer;
  const isDaily = shortOf === "dailyBudgetSeconds";
  const value = (isDaily ? quota.dailyBudgetMs : quota.monthlyBudgetMs) / 1000;
  const actual = Math.ceil(spentMs + costMs) / 1000;
  const period = isDaily ? "today" : "this month";
  const message = `${titleOf(payer)} would spend ${actual} worker-seconds ${period} (UTC), expected at most ${value} (${shortOf})`;
  return limitRefusal(message, { limit: shortOf, of, value, actual, retryAfterMs });
}

function titleOf({ of, name }: Payer): string {
  return `${of} "${name}"`;
}
