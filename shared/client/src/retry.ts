import type { InferenceError } from "@sluice/protocol";
import { backoffMs, type Random } from "@sluice/runtime";
import type { OpenCall } from "./open-call.ts";

/** Full jitter from here on: the first retry comes within 50 ms, the sixth within 1.6 s. */
const baseMs = 50;
const maxMs = 2000;

export interface RetryOptions {
  /** Most retries of one call. */
  readonly retries: number;
  readonly random: Random;
  readonly nowMs: number;
}

/**
 * Tells after how many milliseconds a call that was refused with `unavailable` may be tried again: after the time that the
 * error asks for, and a random part of a growing wait. `undefined` when there is no try left, no time for one within the
 * caller's timeout, or the caller has seen a part of the answer.
 */
export function retryDelayMs(
  call: OpenCall,
  { retryAfterMs = 0 }: InferenceError,
  { retries, random, nowMs }: RetryOptions,
): number | undefined {
  if (call.reader.hasDelivered || call.retryCount >= retries) return undefined;
  const delayMs = retryAfterMs + backoffMs({ attempt: call.retryCount, baseMs, maxMs }, random);
  return nowMs + delayMs < call.timeLimitMs ? delayMs : undefined;
}
