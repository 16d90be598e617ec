import {
  readMachineTimes,
  readProcessCpuMs,
  readProcessUsage,
  summarize,
  type BrokerCounters,
  type LoadSummary,
} from "@sluice/load-generator";
import type { StageTimes } from "../measure/load-order.ts";
import type { LoadProcess } from "../measure/role-process.ts";
import type { Arm } from "./arm.ts";
import type { Disturbance } from "./disturbance.ts";
import type { Layout } from "./layouts.ts";

/** One arm under one layout in one round. */
export interface Cell extends LoadSummary, Disturbance {
  readonly arm: string;
  /** CPU microseconds per request of every process, and `total`. */
  readonly cpuUsPerRequest: Readonly<Record<string, number>>;
  /** The most memory that each process has had so far. */
  readonly peakMegabytes: Readonly<Record<string, number>>;
  /** Of arms with a nats-server, from its own counters: messages and bytes that were published. */
  readonly messagesPerRequest?: number;
  readonly bytesPerRequest?: number;
  readonly stagesMs?: StageTimes;
}

/** Loads an arm for one window and reads what all its processes used, before and after. */
export async function measureCell(options: {
  readonly arm: Arm;
  readonly load: LoadProcess;
  readonly layout: Layout;
  readonly windowMs: number;
}): Promise<Cell> {
  const { arm, load, layout, windowMs } = options;
  const processes = [...arm.processes, load];
  const brokerBefore = await arm.readBroker?.();
  const ownPid = process.pid;
  const ownBeforeMs = readProcessCpuMs(ownPid);
  const before = processes.map((child) => readProcessCpuMs(child.pid));
  const machineBefore = readMachineTimes();
  const startMs = performance.now();
  const { record, stagesMs } = await load.run({ shape: layout.shape, windowMs });
  const elapsedMs = performance.now() - startMs;
  const machine = readMachineTimes();
  let foreignMs = machine.busyMs - machineBefore.busyMs - (readProcessCpuMs(ownPid) - ownBeforeMs);
  const summary = summarize([record]);
  const cpuUsPerRequest: Record<string, number> = { total: 0 };
  const peakMegabytes: Record<string, number> = {};
  for (const [index, child] of processes.entries()) {
    const { cpuMs, peakResidentBytes } = readProcessUsage(child.pid);
    const usedMs = cpuMs - (before[index] ?? 0);
    foreignMs -= usedMs;
    const perRequest = (usedMs * 1000) / summary.completedCount;
    cpuUsPerRequest[child.name] = perRequest;
    cpuUsPerRequest["total"] = (cpuUsPerRequest["total"] ?? 0) + perRequest;
    peakMegabytes[child.name] = peakResidentBytes / 2 ** 20;
  }
  const brokerAfter = await arm.readBroker?.();
  return {
    arm: arm.name,
    ...summary,
    cpuUsPerRequest,
    peakMegabytes,
    foreignCores: Math.max(0, foreignMs / elapsedMs),
    stolenCores: (machine.stolenMs - machineBefore.stolenMs) / elapsedMs,
    ...publishedPerRequest(summary.completedCount, { before: brokerBefore, after: brokerAfter }),
    ...(stagesMs !== undefined && { stagesMs }),
  };
}

function publishedPerRequest(
  completedCount: number,
  {
    before,
    after,
  }: { readonly before: BrokerCounters | undefined; readonly after: BrokerCounters | undefined },
): Pick<Cell, "messagesPerRequest" | "bytesPerRequest"> {
  if (before === undefined || after === undefined) return {};
  return {
    messagesPerRequest: (after.publishedCount - before.publishedCount) / completedCount,
    bytesPerRequest: (after.publishedBytes - before.publishedBytes) / completedCount,
  };
}
