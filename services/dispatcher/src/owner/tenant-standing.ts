import {
  defaultTenantClass,
  type OtherTenantsReport,
  type Refusals,
  type TenantClass,
  type TenantReport,
} from "@sluice/protocol";
import type { ClassSample } from "../event.ts";
import type { Batches } from "./batches.ts";

/** A tenant as it stands at a moment. */
export interface TenantStanding {
  readonly report: Omit<TenantReport, "p50Ms" | "p99Ms">;
  /** What it received in about the last minute, older parts counting less: orders tenants so that they do not jump. */
  readonly recentMs: number;
  /** What it received since the last sample. */
  readonly receivedSinceMs: number;
}

/** Those with most waiting or in flight first, then those that received most. */
export function byWork({ report: a }: TenantStanding, { report: b }: TenantStanding): number {
  const difference = b.waitingCount + b.inFlightCount - (a.waitingCount + a.inFlightCount);
  return difference === 0 ? b.receivedMs - a.receivedMs : difference;
}

/** Those that received most of late first, then those with most waiting. */
export function byRecent(a: TenantStanding, b: TenantStanding): number {
  const difference = b.recentMs + b.receivedSinceMs - (a.recentMs + a.receivedSinceMs);
  return difference === 0 ? b.report.waitingCount - a.report.waitingCount : difference;
}

/** How long the oldest of all their requests waits. */
export function oldestMs(standings: readonly TenantStanding[]): number {
  return standings.reduce((most, { report }) => Math.max(most, report.oldestMs), 0);
}

/** Several tenants as one; `refusals` are added to theirs. */
export function sumUp(standings: readonly TenantStanding[], refusals: Refusals = {}): OtherTenantsReport {
  let waitingCount = 0;
  let inFlightCount = 0;
  let receivedMs = 0;
  let share = 0;
  const counts = new Map<string, number>(Object.entries(refusals));
  for (const { report } of standings) {
    waitingCount += report.waitingCount;
    inFlightCount += report.inFlightCount;
    receivedMs += report.receivedMs;
    share += report.share;
    for (const [code, count] of Object.entries(report.refusals)) {
      counts.set(code, (counts.get(code) ?? 0) + count);
    }
  }
  return {
    tenantCount: standings.length,
    waitingCount,
    inFlightCount,
    receivedMs,
    share: Math.min(1, share),
    refusals: Object.fromEntries(counts),
  };
}

/** Those of each class together. */
export function byClass(standings: readonly TenantStanding[]): ClassSample[] {
  const samples = new Map<TenantClass, ClassSample>();
  for (const { report, receivedSinceMs } of standings) {
    const { class: name = defaultTenantClass, waitingCount, inFlightCount } = report;
    const before = samples.get(name);
    samples.set(name, {
      class: name,
      waitingCount: waitingCount + (before?.waitingCount ?? 0),
      inFlightCount: inFlightCount + (before?.inFlightCount ?? 0),
      receivedMs: receivedSinceMs + (before?.receivedMs ?? 0),
    });
  }
  return [...samples.values()];
}

/** What all received but those listed, whoever is not remembered any more included. */
export function receivedByOthers(
  listed: readonly TenantStanding[],
  { chargedMs }: { readonly chargedMs: number },
): number {
  return Math.max(0, chargedMs - listed.reduce((sum, { report }) => sum + report.receivedMs, 0));
}

/** Requests that are with workers, those included of which only a worker knows. */
export function countRuns(batches: Batches): number {
  let count = 0;
  for (const { runs } of batches.all()) count += runs.length;
  return count;
}
