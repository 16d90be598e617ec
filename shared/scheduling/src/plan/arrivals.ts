import type { ExpectedArrivals } from "./rollout.ts";

/** What the arrivals of a model were like of late. */
export interface Arrivals {
  /** Notes a request that came with so much time left, above 0; Infinity where it has no deadline. */
  note(nowMs: number, timeoutMs: number): void;
  /** What is to come; `undefined` while too little is known, or where requests come in bursts, of which a mean says nothing. */
  expected(nowMs: number): ExpectedArrivals | undefined;
}

/** Part of a new arrival in the means: about the last hundred count. */
const newPart = 0.02;

/** Arrivals before which means are not used. */
const leastCount = 50;

/**
 * Coefficient of variation of the gaps from which on requests come in bursts: planning for the mean then costs more than it gains.
 * Source: docs/decisions/0017.
 */
const burstyVariation = 1.5;

export function createArrivals(): Arrivals {
  let count = 0;
  let lastMs = 0;
  let gapMs = 0;
  let squareMs = 0;
  /** Mean of the reciprocals: who allows a day, among many who allow a moment, says nothing of them. */
  let meanHurry = 0;

  return {
    note: (nowMs, timeoutMs) => {
      if (count > 0) {
        const part = Math.max(newPart, 1 / count);
        const lastGapMs = nowMs - lastMs;
        gapMs += part * (lastGapMs - gapMs);
        // Not `** 2`, which V8 of Node 20 calls its library for.
        squareMs += part * (lastGapMs * lastGapMs - squareMs);
      }
      if (timeoutMs !== Infinity) {
        const part = meanHurry === 0 ? 1 : newPart;
        meanHurry += part * (1 / timeoutMs - meanHurry);
      }
      lastMs = nowMs;
      count += 1;
    },
    expected: (nowMs) => {
      if (count < leastCount || gapMs === 0 || meanHurry === 0) return undefined;
      const isBursty = squareMs > (1 + burstyVariation ** 2) * gapMs ** 2;
      return isBursty ? undefined : { nowMs, gapMs, timeoutMs: 1 / meanHurry };
    },
  };
}
