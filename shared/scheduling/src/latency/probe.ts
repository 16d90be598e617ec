/** Wait before the first probe and after one that was not fast, in milliseconds. */
const fullWaitMs = 250;

/** Waits are not halved further: a dozen probes, which show that a stall is over, take a tenth of a second. */
const shortestWaitMs = fullWaitMs / 32;

/** A probe is fast when it took less than this part of what was predicted; noise alone makes few that fast. */
const fastRatio = 0.8;

/**
 * Keeps the predictions for one model of one worker from locking themselves in: where everything that waits is predicted to be late,
 * nothing runs, and nothing would show that runs have become faster. So from time to time one item runs regardless.
 */
export interface Probe {
  /**
   * Notes that something waits and predictions refuse all of it. Returns whether one item is to run regardless, as the probe: 250 ms
   * after the first refusal and after each probe, earlier after fast ones.
   */
  refuse(nowMs: number): boolean;
  /** Notes that predictions let something run; the next refusal is a first one. */
  accept(): void;
  /** Notes how long the probe took and what had been predicted: after a fast one the next may come in half the time. */
  end(probe: { readonly tookMs: number; readonly predictedMs: number }): void;
}

/** Creates a probe that has seen no refusal. */
export function createProbe(): Probe {
  let refusedSinceMs: number | undefined;
  let waitMs = fullWaitMs;
  return {
    refuse: (nowMs) => {
      refusedSinceMs ??= nowMs;
      if (nowMs - refusedSinceMs < waitMs) return false;
      refusedSinceMs = nowMs;
      return true;
    },
    accept: () => {
      refusedSinceMs = undefined;
      waitMs = fullWaitMs;
    },
    end: ({ tookMs, predictedMs }) => {
      waitMs = tookMs < fastRatio * predictedMs ? Math.max(shortestWaitMs, waitMs / 2) : fullWaitMs;
    },
  };
}
