import { constants } from "node:os";
import { processTree } from "../system/process-tree.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Has a signal that ends this process end all that it has started, too: nothing of theirs is worth draining. */
export function endAllOnSignal(): void {
  for (const signal of signals) {
    process.once(signal, () => {
      for (const pid of processTree(process.pid)) if (pid !== process.pid) endProcess(pid);
      process.exit(128 + constants.signals[signal]);
    });
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
