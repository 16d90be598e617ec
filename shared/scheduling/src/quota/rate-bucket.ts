import type { Quota } from "./quota.ts";

/**
 * How much of its rate a payer may spend: it refills with the rate up to the burst. What is taken is never refused here; a
 * bucket that was overdrawn is below 0 until it has refilled.
 */
export interface RateBucket {
  /** Worker-milliseconds that may be spent now; Infinity where the quota has no rate. */
  levelMs(quota: Quota, nowMs: number): number;
  /** Takes worker-milliseconds out, or puts some back where they are below 0. */
  take(quota: Quota, costMs: number, nowMs: number): void;
}

/**
 * Creates a full bucket. Where its rate changes, what is in it stays the same part of the burst, and what it owes stays; where only
 * the burst changes, it gains or loses the difference. What refills until something (or 0) is taken again is counted at the rate that
 * held before.
 */
export function createRateBucket(): RateBucket {
  /** The quota that held when something was taken, what was left then, and when that was. */
  let quotaThen: Quota | undefined;
  let leftMs = 0;
  let takenAtMs = 0;

  const levelMs = ({ rateMsPerSecond, burstMs }: Quota, nowMs: number): number => {
    if (rateMsPerSecond === Infinity) return Infinity;
    if (quotaThen === undefined) return burstMs;
    const refilledMs = (Math.max(0, nowMs - takenAtMs) * quotaThen.rateMsPerSecond) / 1000;
    const level = Math.min(quotaThen.burstMs, leftMs + refilledMs);
    if (rateMsPerSecond === quotaThen.rateMsPerSecond) return level + (burstMs - quotaThen.burstMs);
    return level < 0 ? level : (level / quotaThen.burstMs) * burstMs;
  };

  return {
    levelMs,
    take: (quota, costMs, nowMs) => {
      if (quota.rateMsPerSecond === Infinity) return;
      leftMs = Math.min(quota.burstMs, levelMs(quota, nowMs) - costMs);
      takenAtMs = nowMs;
      quotaThen = quota;
    },
  };
}
