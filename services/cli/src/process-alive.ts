import { readFileSync } from "node:fs";

/**
 * Tells whether a process still runs. One that has ended and was not yet reaped by its parent counts as gone
 * (Linux only; elsewhere it counts as alive for that moment).
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isErrno(error, "EPERM");
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  // Nothing is known without /proc, or when the process ended between the two looks; the next look tells.
  return statOf(pid)[0] === "Z";
}

/** What Linux says of a process in `/proc`, from its state on, which follows its name; empty where there is no such file. */
export function statOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** Tells whether `error` is a system error with this code, such as `ENOENT`. */
export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
