/**
 * How long an owner may rely on its lease. Others may take a pool once they saw no heartbeat for `leaseMs`; counting from
 * before the send of the last acknowledged one, the owner always stops first.
 */
export interface LeaseClock {
  /** Notes that the heartbeat sent at `sentAtMs` was acknowledged. Late acknowledgements of older ones change nothing. */
  acknowledge(sentAtMs: number): void;
  isValid(nowMs: number): boolean;
}

/** Creates a clock that is not valid before the first acknowledgement. Times are of one monotonic clock, in milliseconds. */
export function createLeaseClock(options: { readonly leaseMs: number }): LeaseClock {
  let acknowledgedSentAtMs = -Infinity;
  return {
    acknowledge: (sentAtMs) => {
      acknowledgedSentAtMs = Math.max(acknowledgedSentAtMs, sentAtMs);
    },
    isValid: (nowMs) => nowMs - acknowledgedSentAtMs < options.leaseMs,
  };
}
