import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** What the processors of this machine did so far, all together. */
export interface MachineTimes {
  /** Busy, with whatever it was. */
  readonly busyMs: number;
  /** Had work, but were not given by the hypervisor. 0 where the system does not tell. */
  readonly stolenMs: number;
}

/** The kernel counts in hundredths of a second, on every architecture (`USER_HZ`). */
const tickMs = 10;

export function readMachineTimes(): MachineTimes {
  const busyMs = cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
  return { busyMs, stolenMs: readStolenMs() };
}

/** The eighth figure of the first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
function readStolenMs(): number {
  if (process.platform !== "linux") return 0;
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  return Number(line.trim().split(/\s+/)[8] ?? 0) * tickMs;
}
