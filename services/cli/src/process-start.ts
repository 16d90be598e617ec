import { execFileSync } from "node:child_process";
import { isProcessAlive, statOf } from "./process-alive.ts";

/** Where `/proc/<pid>/stat` has the start of a process, counted from its state on. */
const startField = 19;
/** It answers in some milliseconds. */
const psTimeoutMs = 1000;

/** A process that was running when it was noted down. */
export interface NotedProcess {
  readonly pid: number;
  /** When it started, as {@link processStart} said; "" where that was not known. */
  readonly start: string;
}

/** When a process started, in the words of the system; "" where it does not say. A number may be given to another process, which started later. */
export function processStart(pid: number): string {
  return process.platform === "linux" ? (statOf(pid)[startField] ?? "") : askPs(pid);
}

/** Tells whether a process still runs that was noted down; where nobody knows when it started, whether any has its number. */
export function isStillRunning({ pid, start }: NotedProcess): boolean {
  if (!isProcessAlive(pid)) return false;
  const presentStart = start === "" ? "" : processStart(pid);
  return presentStart === "" || presentStart === start;
}

function askPs(pid: number): string {
  try {
    // In the same words whoever asks.
    const env = { PATH: "/bin:/usr/bin", LC_ALL: "C", TZ: "UTC" };
    const given = ["-o", "lstart=", "-p", String(pid)];
    return execFileSync("ps", given, {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: psTimeoutMs,
    }).trim();
  } catch {
    // As on Windows, which has no such command.
    return "";
  }
}
