import { InferenceError, limitError } from "@sluice/protocol";
import type { Quota, WalletShortage } from "@sluice/scheduling";

/** A tenant whose rate or budgets are limited. */
export interface Payer {
  readonly tenant: string;
  readonly quota: Quota;
}

/** Why a request that is estimated to cost `costMs` cannot be paid for now. */
export function quotaRefusal(payer: Payer, costMs: number, shortage: WalletShortage): InferenceError {
  const { shortOf, retryAfterMs } = shortage;
  const { tenant } = payer;
  switch (shortOf) {
    case "rateMsPerSecond":
      return rateExceeded(payer, costMs, shortage);
    case "dailyBudgetSeconds":
    case "monthlyBudgetSeconds":
      return budgetSpent(payer, costMs, { ...shortage, shortOf });
    case "unavailable": {
      const message = `nobody can tell now what tenant "${tenant}" has left of its budget`;
      return new InferenceError("unavailable", message, { retryAfterMs });
    }
    case "none":
    case "pending": {
      const message = `what tenant "${tenant}" may spend next is being leased`;
      return new InferenceError("unavailable", message, { retryAfterMs });
    }
  }
}

/** The rate that counts is that over the time of a burst, ending with the request. */
function rateExceeded({ tenant, quota }: Payer, costMs: number, shortage: WalletShortage): InferenceError {
  const { rateMsPerSecond, burstMs } = quota;
  const { balanceMs, retryAfterMs } = shortage;
  const actual = Math.ceil((rateMsPerSecond * (burstMs + costMs - balanceMs)) / burstMs);
  const message =
    `tenant "${tenant}" would spend ${actual} worker-milliseconds a second, ` +
    `expected at most ${rateMsPerSecond} (rateMsPerSecond)`;
  return limitError(message, {
    limit: "rateMsPerSecond",
    of: "tenant",
    value: rateMsPerSecond,
    actual,
    retryAfterMs,
  });
}

interface SpentBudget extends WalletShortage {
  readonly shortOf: "dailyBudgetSeconds" | "monthlyBudgetSeconds";
}

function budgetSpent({ tenant, quota }: Payer, costMs: number, spent: SpentBudget): InferenceError {
  const { shortOf, spentMs, retryAfterMs } = spent;
  const isDaily = shortOf === "dailyBudgetSeconds";
  const value = (isDaily ? quota.dailyBudgetMs : quota.monthlyBudgetMs) / 1000;
  const actual = Math.ceil(spentMs + costMs) / 1000;
  const period = isDaily ? "today" : "this month";
  const message = `tenant "${tenant}" would spend ${actual} worker-seconds ${period} (UTC), expected at most ${value} (${shortOf})`;
  return limitError(message, { limit: shortOf, of: "tenant", value, actual, retryAfterMs });
}
