import { createAfterRead } from "./after-read.ts";
import type { Clock } from "./clock.ts";

/** Longest delay a timer of the platform can hold, 24.8 days; it would fire a longer one at once. */
const maxDelayMs = 2 ** 31 - 1;

/** The clock of the machine. Delays above 24.8 days are cut to that; every timer keeps the process alive until it fired or was disposed. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep,
  schedule: (delayMs, callback) => setTimeout(callback, toTimerDelay(delayMs)),
  every: (intervalMs, callback) => setInterval(callback, toTimerDelay(intervalMs)),
  afterRead: createAfterRead(),
};

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, toTimerDelay(delayMs));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function toTimerDelay(delayMs: number): number {
  return Math.min(delayMs, maxDelayMs);
}
