import { median } from "@sluice/load-generator";
import type { Cell } from "./cell.ts";
import type { Layout } from "./layouts.ts";

/** CPU per request of Sluice over that of the floor prototype, at most. */
export const floorBar = 1.5;

export interface LayoutReport {
  readonly layout: string;
  readonly arms: readonly ArmReport[];
  /** Median over the repetitions of the ratio within one repetition. */
  readonly sluiceCpuOverFloor: number;
  readonly sluiceCpuOverBare: number;
  readonly bar: number;
  readonly isMet: boolean;
}

export interface ArmReport {
  readonly arm: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errorCount: number;
  readonly cpuUsPerRequest: Readonly<Record<string, number>>;
}

/** Medians of a layout's cells; ratios are formed within a repetition first, because the machine's own speed drifts. */
export function reportLayout(layout: Layout, repetitions: readonly (readonly Cell[])[]): LayoutReport {
  const cellsOf = (arm: string): Cell[] =>
    repetitions.flatMap((cells) => cells.filter((cell) => cell.arm === arm && cell.layout === layout.name));
  const names = [...new Set(repetitions.flatMap((cells) => cells.map((cell) => cell.arm)))];
  const ratio = (over: string): number =>
    median(
      cellsOf("sluice").map(
        (cell, index) =>
          (cell.cpuUsPerRequest["total"] ?? NaN) / (cellsOf(over)[index]?.cpuUsPerRequest["total"] ?? NaN),
      ),
    );
  const arms = names.map((arm) => reportArm(arm, cellsOf(arm)));
  const sluiceCpuOverFloor = ratio("floor");
  return {
    layout: layout.name,
    arms,
    sluiceCpuOverFloor,
    sluiceCpuOverBare: ratio("bare"),
    bar: floorBar,
    isMet: sluiceCpuOverFloor <= floorBar && arms.every((arm) => arm.errorCount === 0),
  };
}

function reportArm(arm: string, cells: readonly Cell[]): ArmReport {
  const processNames = Object.keys(cells[0]?.cpuUsPerRequest ?? {});
  return {
    arm,
    requestsPerSecond: median(cells.map((cell) => cell.requestsPerSecond)),
    p50Ms: median(cells.map((cell) => cell.p50Ms)),
    p99Ms: median(cells.map((cell) => cell.p99Ms)),
    errorCount: cells.reduce((sum, cell) => sum + cell.errorCount, 0),
    cpuUsPerRequest: Object.fromEntries(
      processNames.map((name) => [name, median(cells.map((cell) => cell.cpuUsPerRequest[name] ?? NaN))]),
    ),
  };
}

/** The report as a table for people. */
export function formatReport(reports: readonly LayoutReport[]): string {
  const lines: string[] = [];
  for (const report of reports) {
    lines.push(report.layout);
    lines.push("  arm       req/s    p50 ms   p99 ms   errors   CPU us/request (per process)");
    for (const arm of report.arms) {
      const { total = NaN, ...processes } = arm.cpuUsPerRequest;
      const split = Object.entries(processes).map(([name, us]) => `${name} ${us.toFixed(1)}`);
      lines.push(
        `  ${arm.arm.padEnd(8)} ${arm.requestsPerSecond.toFixed(0).padStart(7)} ${arm.p50Ms.toFixed(3).padStart(8)} ` +
          `${arm.p99Ms.toFixed(3).padStart(8)} ${String(arm.errorCount).padStart(8)}   ${total.toFixed(1)} (${split.join(", ")})`,
      );
    }
    lines.push(
      `  Sluice's CPU per request: ${report.sluiceCpuOverFloor.toFixed(2)} x floor (bar ${report.bar} x: ` +
        `${report.isMet ? "met" : "MISSED"}), ${report.sluiceCpuOverBare.toFixed(2)} x bare NATS`,
      "",
    );
  }
  return lines.join("\n");
}
