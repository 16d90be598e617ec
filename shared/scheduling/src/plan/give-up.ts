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
  /** What a tenant is due of the pool among those that have work: above 0. */
  fairShareOf(tenant: string): number;
}

/**
 * Those of the most urgent requests that are given up so that fewest of all come too late. Where several tenants wait, each keeps
 * as many as its fair share of a full batch: who has no more waiting is not what there is too much of, and makes way for nobody,
 * however little its callers allow.
 * @param waiting - with a deadline, the most urgent first
 */
export function chooseGivenUp<Entry extends QueueEntry>(
  waiting: readonly Entry[],
  { profile, freeAtMs, overheadMs, maxItems, maxDurationMs, arrivals, fairShareOf }: GiveUpOptions,
): Entry[] {
  const { curve, margin } = profile;
  let items = 0;
  let elementsMs = 0;
  for (const entry of waiting) {
    items += entry.items;
    elementsMs += entry.items * entry.length * (curve.perElementMs + entry.length * curve.perPairMs);
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
  return withoutKept(waiting, { count, mostRequests: most, fairShareOf });
}

interface KeptOptions extends Pick<GiveUpOptions, "fairShareOf"> {
  readonly count: number;
  readonly mostRequests: number;
}

/** The first of those that wait, without what tenants keep. */
function withoutKept<Entry extends QueueEntry>(
  waiting: readonly Entry[],
  { count, mostRequests, fairShareOf }: KeptOptions,
): Entry[] {
  if (count === 0) return [];
  const left = new Map<string, number>();
  for (const { tenant } of waiting) left.set(tenant, (left.get(tenant) ?? 0) + 1);
  const first = waiting.slice(0, count);
  if (left.size === 1) return first;
  const shares = new Map(Array.from(left.keys(), (tenant) => [tenant, fairShareOf(tenant)]));
  let allShares = 0;
  for (const share of shares.values()) allShares += share;
  return first.filter(({ tenant }) => {
    const leftCount = left.get(tenant) ?? 0;
    if (leftCount <= (mostRequests * (shares.get(tenant) ?? 0)) / allShares) return false;
    left.set(tenant, leftCount - 1);
    return true;
  });
}
