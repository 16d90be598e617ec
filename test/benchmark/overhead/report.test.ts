import { describe, expect, test } from "vitest";
import type { Cell } from "./cell.ts";
import { formatReport, reportLayout } from "./report.ts";

const layout = { name: "one", connections: 1, outstandingPerClient: 1 };

function aCell(arm: string, totalUs: number, errorCount = 0): Cell {
  return {
    arm,
    layout: "one",
    requestsPerSecond: 1000,
    p50Ms: 1,
    p99Ms: 2,
    errorCount,
    cpuUsPerRequest: { total: totalUs, client: totalUs },
  };
}

describe("reportLayout()", () => {
  test("takes the median of ratios within a repetition, not the ratio of medians", () => {
    const report = reportLayout(layout, [
      [aCell("bare", 5), aCell("floor", 10), aCell("sluice", 14)],
      [aCell("bare", 10), aCell("floor", 20), aCell("sluice", 20)],
      [aCell("bare", 20), aCell("floor", 40), aCell("sluice", 56)],
    ]);
    expect(report.sluiceCpuOverFloor).toBe(1.4);
    expect(report.sluiceCpuOverBare).toBe(2.8);
    expect(report.isMet).toBe(true);
  });

  test("misses the bar above 1.5 times the floor", () => {
    const report = reportLayout(layout, [[aCell("bare", 5), aCell("floor", 10), aCell("sluice", 15.1)]]);
    expect(report.isMet).toBe(false);
    expect(formatReport([report])).toContain("MISSED");
  });

  test("misses the bar when any arm had an error", () => {
    const report = reportLayout(layout, [[aCell("bare", 5), aCell("floor", 10, 1), aCell("sluice", 10)]]);
    expect(report.isMet).toBe(false);
  });
});
