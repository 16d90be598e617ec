import { cpus } from "node:os";
import { readMachineTimes, readProcessCpuMs } from "@sluice/load-generator";
import { processTree } from "../../system/process-tree.ts";

/** How busy the machine was, so that a reader sees whether processors, and not the queue, decided who got what. */
export interface CpuUse {
  /** Processors in use on average, by this process and all it started: clients, services, nats-server. */
  readonly ownCores: number;
  /** Processors in use on average, by whatever runs on the machine. */
  readonly machineCores: number;
  readonly machineCoreCount: number;
}

/** Starts to measure; the result reads how it was since then. Processes that ended meanwhile are left out. */
export function measureCpu(): () => CpuUse {
  const startMs = performance.now();
  const start = readMachineTimes();
  const before = new Map(processTree(process.pid).map((pid) => [pid, cpuMsOf(pid)]));
  return () => {
    const elapsedMs = performance.now() - startMs;
    let ownMs = 0;
    for (const pid of processTree(process.pid)) {
      const nowMs = cpuMsOf(pid);
      ownMs += nowMs - Math.min(nowMs, before.get(pid) ?? 0);
    }
    return {
      ownCores: ownMs / elapsedMs,
      machineCores: (readMachineTimes().busyMs - start.busyMs) / elapsedMs,
      machineCoreCount: cpus().length,
    };
  };
}

/** What every live scenario reports beside its own figures. */
export function cpuFigures({ ownCores, machineCores, machineCoreCount }: CpuUse): Record<string, number> {
  return {
    "processors used by clients, services and nats-server": ownCores,
    [`processors of ${machineCoreCount} used by everything on the machine`]: machineCores,
  };
}

/** CPU time of a process, 0 for one that has just ended, such as the command that listed them. */
function cpuMsOf(pid: number): number {
  try {
    return readProcessCpuMs(pid);
  } catch {
    return 0;
  }
}
