import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Ids of a process and of everything it started, and of everything those started, now. */
export function processTree(rootPid: number): readonly number[] {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/\s+/).map(Number));
  const tree = [rootPid];
  // Grows while it is walked: children of what was found are found in turn.
  for (const parent of tree) {
    for (const [pid, ppid] of rows) if (ppid === parent && pid !== undefined) tree.push(pid);
  }
  return tree;
}

/** Those of `pids` that still run; one that has ended and waits for its parent to notice does not. */
export function stillRunning(pids: readonly number[]): readonly number[] {
  return pids.filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
      return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
    } catch {
      return false;
    }
  });
}

/** Waits, in real time, until none of `pids` runs any more; fails after `timeoutMs` and names those that do. */
export async function allGone(pids: readonly number[], timeoutMs: number): Promise<void> {
  const startedMs = performance.now();
  while (stillRunning(pids).length > 0) {
    if (performance.now() - startedMs > timeoutMs) {
      throw new Error(`still running after ${timeoutMs} ms: ${stillRunning(pids).join(", ")}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}
