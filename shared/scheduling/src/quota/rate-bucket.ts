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
 * Creates a full bucket. It keeps one number, the moment at which it will be full, so it owes and refills right even when rate or
 * burst change meanwhile.
 *
 * Source: generic cell rate algorithm, ITU-T I.371, with costs instead of cells.
 */
export function createRateBucket(): RateBucket {
  let fullAtMs = -Infinity;
  return {
    levelMs: ({ rateMsPerSecond, burstMs }, nowMs) => {
      if (rateMsPerSecond === Infinity) return Infinity;
      return burstMs - (Math.max(0, fullAtMs - nowMs) * rateMsPerSecond) / 1000;
    },
    take: ({ rateMsPerSecond }, costMs, nowMs) => {
      if (rateMsPerSecond < Infinity)
        fullAtMs = Math.max(fullAtMs, nowMs) + (costMs / rateMsPerSecond) * 1000;
    },
  };
}
