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
  const stolenMs = process.platform === "linux" ? stolenMsOf(readFileSync("/proc/stat", "utf8")) : 0;
  return { busyMs, stolenMs };
}

/**
 * What the text of /proc/stat says: the eighth figure of its first line, which are user, nice, system, idle, iowait, irq, softirq
 * and steal. 0 from a kernel that has fewer.
 */
export function stolenMsOf(text: string): number {
  const [line = ""] = text.split("\n", 1);
  return Number(line.trim().split(/\s+/)[8] ?? 0) * tickMs;
}
