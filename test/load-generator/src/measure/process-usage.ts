import { readFileSync } from "node:fs";

/** What a process has used of the machine so far. */
export interface ProcessUsage {
  /** User and system time of all its threads, also of those that have ended; in steps of 10 ms. */
  readonly cpuMs: number;
  /** Memory it has now. */
  readonly residentBytes: number;
  /** The most memory it ever had. */
  readonly peakResidentBytes: number;
}

/** Clock ticks a second; 100 on every Linux that Node runs on (`getconf CLK_TCK`). */
const ticksPerSecond = 100;

/**
 * Asks Linux what a process has used.
 * @throws {Error} `ENOENT` when it has ended, or the system has no `/proc`.
 */
export function readProcessUsage(pid: number): ProcessUsage {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return {
    cpuMs: readProcessCpuMs(pid),
    residentBytes: sizeIn(status, "VmRSS"),
    peakResidentBytes: sizeIn(status, "VmHWM"),
  };
}

/** As {@link readProcessUsage}, the CPU time only. */
export function readProcessCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The command name may hold blanks; fields are counted from its closing parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

function sizeIn(status: string, field: string): number {
  const kilobytes = new RegExp(String.raw`^${field}:\s+(\d+) kB$`, "m").exec(status)?.[1];
  return Number(kilobytes ?? NaN) * 1024;
}
