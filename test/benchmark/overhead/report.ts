import { median, type MachineRecord } from "@sluice/load-generator";
import type { StageTimes } from "../measure/load-order.ts";
import type { BarReport } from "./bars.ts";
import type { Cell } from "./cell.ts";
import type { Disturbance } from "./disturbance.ts";

/** Everything a run of the benchmark has to say. */
export interface OverheadReport {
  readonly machine: MachineRecord & { readonly natsServer: string };
  readonly settings: { readonly repetitions: number; readonly windowMs: number; readonly warmUpMs: number };
  readonly layouts: readonly LayoutReport[];
  readonly bars: readonly BarReport[];
  /** Why arms could not be had on this machine, by their names. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Whether every bar was met, and no call failed. */
  readonly isMet: boolean;
}

export interface LayoutReport {
  readonly layout: string;
  readonly arms: readonly ArmReport[];
}

/** An arm's medians over its windows. */
export interface ArmReport extends Disturbance {
  readonly arm: string;
  /** Whether its last three windows agreed within 10 %. */
  readonly isStable: boolean;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How late calls were sent, in an open loop. */
  readonly lagP50Ms: number;
  /** Failed calls of all windows by code. */
  readonly errors: Readonly<Record<string, number>>;
  readonly cpuUsPerRequest: Readonly<Record<string, number>>;
  readonly peakMegabytes: Readonly<Record<string, number>>;
  readonly messagesPerRequest?: number;
  readonly bytesPerRequest?: number;
  readonly stagesMs?: StageTimes;
}

/** The medians of an arm's cells. */
export function reportArm(arm: string, cells: readonly Cell[], isStable: boolean): ArmReport {
  const of = (figure: (cell: Cell) => number): number => median(cells.map(figure));
  const [first] = cells;
  const errors: Record<string, number> = {};
  for (const cell of cells) {
    for (const [code, count] of Object.entries(cell.errors)) errors[code] = (errors[code] ?? 0) + count;
  }
  return {
    arm,
    isStable,
    requestsPerSecond: of((cell) => cell.requestsPerSecond),
    p50Ms: of((cell) => cell.p50Ms),
    p90Ms: of((cell) => cell.p90Ms),
    p99Ms: of((cell) => cell.p99Ms),
    p999Ms: of((cell) => cell.p999Ms),
    lagP50Ms: of((cell) => cell.lagP50Ms),
    errors,
    cpuUsPerRequest: mediansOf(cells.map((cell) => cell.cpuUsPerRequest)),
    peakMegabytes: mediansOf(cells.map((cell) => cell.peakMegabytes)),
    foreignCores: of((cell) => cell.foreignCores),
    stolenCores: of((cell) => cell.stolenCores),
    ...(first?.messagesPerRequest !== undefined && {
      messagesPerRequest: of((cell) => cell.messagesPerRequest ?? NaN),
      bytesPerRequest: of((cell) => cell.bytesPerRequest ?? NaN),
    }),
    ...(first?.stagesMs !== undefined && {
      stagesMs: {
        queue: of((cell) => cell.stagesMs?.queue ?? NaN),
        batch: of((cell) => cell.stagesMs?.batch ?? NaN),
        transfer: of((cell) => cell.stagesMs?.transfer ?? NaN),
        engine: of((cell) => cell.stagesMs?.engine ?? NaN),
        return: of((cell) => cell.stagesMs?.return ?? NaN),
      },
    }),
  };
}

function mediansOf(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  return Object.fromEntries(
    Object.keys(records[0] ?? {}).map((name) => [name, median(records.map((record) => record[name] ?? NaN))]),
  );
}
