import type { OpenCall } from "./open-call.ts";

/** The worker sends a frame that was not acknowledged again for 10 s; what is missing then is lost. */
const maxGapMs = 10_000;
/** How long no frame comes until a window is said again, as a worker does with its credits; a parked stream ends after 30 s. */
const remindAfterMs = 2000;
/** Reminders of many slow streams are due together. */
const remindStepMs = 500;

/** Takes note that a frame of a stream came, and more are to come. Returns when to look at the call again. */
export function noteFrame(call: OpenCall, nowMs: number): number {
  call.isInDoubt = false;
  call.deadlineMs = (call.reader.gapSinceMs ?? Infinity) + maxGapMs;
  if (call.frameLimit > 0) planReminder(call, nowMs);
  return Math.min(call.deadlineMs, call.remindAtMs);
}

/**
 * Plans to say the window of a stream again: its worker, or the owner that tells it, may have been cut off for a moment, and
 * would wait for a reader who waits for it.
 */
export function planReminder(call: OpenCall, nowMs: number): void {
  call.remindAtMs = Math.ceil((nowMs + remindAfterMs) / remindStepMs) * remindStepMs;
}
