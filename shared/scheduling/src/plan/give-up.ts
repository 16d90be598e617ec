import type { LatencyProfile } from "../latency/latency-profile.ts";
import type { QueueEntry } from "../request-queue.ts";
import { requestsToGiveUp, type ExpectedArrivals } from "./rollout.ts";

export interface GiveUpOptions {
  readonly profile: LatencyProfile;
  readonly freeAtMs: readonly number[];
  readonly overheadMs: number;
  readonly maxItems: number;
  readonly maxDurationMs: number;
  readonly arrivals: ExpectedArrivals | undefined;
}

/**
 * Those of the most urgent requests that are given up so that fewest of all come too late. Nobody is given up who came later
 * than the others on average: a request that is urgent because its caller allows it little makes way for no crowd.
 * @param waiting - with a deadline, the most urgent first
 */
export function chooseGivenUp<Entry extends QueueEntry>(
  waiting: readonly Entry[],
  { profile, freeAtMs, overheadMs, maxItems, maxDurationMs, arrivals }: GiveUpOptions,
): Entry[] {
  const { curve, margin } = profile;
  let items = 0;
  let elementsMs = 0;
  let arrival = 0;
  for (const entry of waiting) {
    items += entry.items;
    elementsMs += entry.items * entry.length * (curve.perElementMs + entry.length * curve.perPairMs);
    arrival += entry.arrival;
  }
  const fixedMs = margin * curve.fixedMs;
  const perRequestMs = (margin * elementsMs) / waiting.length;
  const most = Math.min((maxItems * waiting.length) / items, (maxDurationMs - fixedMs) / perRequestMs);
  const count = requestsToGiveUp({
    deadlinesMs: waiting.map(({ deadlineMs }) => deadlineMs),
    freeAtMs,
    fixedMs,
    perRequestMs,
    overheadMs,
    mostRequests: Math.max(1, Math.floor(most)),
    arrivals,
  });
  return waiting.slice(0, count).filter((entry) => entry.arrival <= arrival / waiting.length);
}
