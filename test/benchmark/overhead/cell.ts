import { readProcessCpuMs } from "@sluice/load-generator";
import type { LoadProcess } from "../measure/role-process.ts";
import type { Arm } from "./arm.ts";
import type { Layout } from "./layouts.ts";

/** One arm under one layout in one repetition. */
export interface Cell {
  readonly arm: string;
  readonly layout: string;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errorCount: number;
  /** CPU microseconds per request of every process, and `total`. */
  readonly cpuUsPerRequest: Readonly<Record<string, number>>;
}

/** Loads an arm for one window and reads the CPU time of all its processes before and after. */
export async function measureCell(options: {
  readonly arm: Arm;
  readonly load: LoadProcess;
  readonly layout: Layout;
  readonly windowMs: number;
}): Promise<Cell> {
  const { arm, load, layout, windowMs } = options;
  const processes = [...arm.processes.filter((child) => child.pid > 0), load];
  const before = processes.map((child) => readProcessCpuMs(child.pid));
  const result = await load.run({ outstandingPerClient: layout.outstandingPerClient, windowMs });
  const cpuUsPerRequest: Record<string, number> = { total: 0 };
  for (const [index, child] of processes.entries()) {
    const usedUs = (readProcessCpuMs(child.pid) - (before[index] ?? 0)) * 1000;
    const perRequest = usedUs / result.completedCount;
    cpuUsPerRequest[child.name] = perRequest;
    cpuUsPerRequest["total"] = (cpuUsPerRequest["total"] ?? 0) + perRequest;
  }
  return {
    arm: arm.name,
    layout: layout.name,
    requestsPerSecond: result.completedCount / result.seconds,
    p50Ms: result.p50Ms,
    p99Ms: result.p99Ms,
    errorCount: result.errorCount,
    cpuUsPerRequest,
  };
}
