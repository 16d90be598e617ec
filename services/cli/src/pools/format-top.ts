import { defaultTenantClass, type PoolReport, type Refusals, type TenantReport } from "@sluice/protocol";
import { formatTable } from "../format-table.ts";

const headings = [
  "tenant",
  "group",
  "class",
  "weight",
  "share",
  "fair",
  "lag",
  "queued",
  "oldest",
  "in flight",
  "p50",
  "p99",
  "refusals",
];

/** A pool and its tenants for people: one line, then a table. */
export function formatTop(report: PoolReport): string {
  const { pool, owner, epoch, workerCount, queuedCount, inFlightCount, oldestMs, tenants, others } = report;
  const title = [
    `pool ${pool}`,
    `owner ${owner} (epoch ${epoch})`,
    countOf(workerCount, "worker"),
    `${queuedCount} queued`,
    `${inFlightCount} in flight`,
    `oldest ${formatMs(oldestMs)}`,
  ].join(", ");
  const rows = tenants.map(tenantRow);
  if (others.tenantCount > 0 || Object.keys(others.refusals).length > 0) {
    rows.push([
      countOf(others.tenantCount, "other"),
      "",
      "",
      "",
      formatPart(others.share),
      "",
      "",
      String(others.waitingCount),
      "",
      String(others.inFlightCount),
      "",
      "",
      formatRefusals(others.refusals),
    ]);
  }
  return `${title}\n${formatTable([headings, ...rows])}`;
}

function tenantRow(report: TenantReport): string[] {
  const { tenant, group, weight, share, fairShare, lagMs, p50Ms, p99Ms } = report;
  return [
    tenant,
    group,
    report.class ?? defaultTenantClass,
    String(weight),
    formatPart(share),
    formatPart(fairShare),
    formatMs(lagMs),
    String(report.waitingCount),
    report.waitingCount === 0 ? "" : formatMs(report.oldestMs),
    String(report.inFlightCount),
    p50Ms === undefined ? "" : formatMs(p50Ms),
    p99Ms === undefined ? "" : formatMs(p99Ms),
    formatRefusals(report.refusals),
  ];
}

function formatPart(part: number): string {
  return part.toFixed(3);
}

function formatRefusals(refusals: Refusals): string {
  return Object.entries(refusals)
    .map(([code, count]) => `${code} ${count}`)
    .join(", ");
}

/** A number of things for people. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A duration for people. */
export function formatMs(durationMs: number): string {
  const sizeMs = Math.abs(durationMs);
  if (sizeMs >= 10_000) return `${(durationMs / 1000).toFixed(1)} s`;
  // Without the sign that rounding would leave to nothing.
  return `${Math.round(durationMs) === 0 ? 0 : Math.round(durationMs)} ms`;
}
