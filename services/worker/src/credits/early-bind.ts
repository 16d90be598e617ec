import type { RoundTrip } from "./round-trip.ts";

/** What a batch may be bound earlier beside the round trip, in milliseconds: the margin of credits, and as much again. */
const allowedMs = 1;

/**
 * Whether a batch was bound too early: its owner chose who is in it more than what 95 of 100 round trips stay below and 1 ms before
 * there was an engine for it, so that who came meanwhile was left out. It chose about half a round trip before the batch arrived.
 * @param earlyMs - how long before there was an engine for it the batch arrived; 0 where there was one
 */
export function isBoundEarly(
  earlyMs: number,
  { medianMs, p95Ms }: Pick<RoundTrip, "medianMs" | "p95Ms">,
): boolean {
  return earlyMs > 0 && earlyMs + medianMs() / 2 > p95Ms() + allowedMs;
}
