import { toQuota, type Quota, type QuotaTerms } from "./quota.ts";

/** A quota of a record that limits something. */
export function aQuota(terms: QuotaTerms): Quota {
  const quota = toQuota(terms);
  if (quota === undefined) throw new Error("these terms limit nothing");
  return quota;
}

const dayMs = 86_400_000;

/** 2026-11-22 at noon, the midnight after it, and that after the last day of its month. */
export const noonMs = 20_779.5 * dayMs;
export const tomorrowMs = 20_780 * dayMs;
export const nextMonthMs = 20_788 * dayMs;
