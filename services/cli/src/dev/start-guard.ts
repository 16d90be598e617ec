import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The process that stops the stack when this one is killed; see {@link guardProcesses}. */
export interface Guard {
  /** Its process id; 0 when it could not be started. */
  readonly pid: number;
  /** Replaces the list of processes to stop, in their order. */
  watch(pids: readonly number[]): void;
  /** Tells it that nothing is left to stop, and resolves when it is gone. */
  release(): Promise<void>;
}

export interface GuardStartOptions {
  /** How long each process may take to drain before the guard kills it, in milliseconds. */
  readonly drainTimeoutMs: number;
  /** Told when the guard ends unasked: from then on a kill of this process leaves the others running. */
  onLost(reason: string): void;
}

/** Starts the guard in a process group of its own, so that what kills the supervisor's group does not reach it. */
export function startGuard(options: GuardStartOptions): Guard {
  const launcher = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));
  const child = spawn(process.execPath, [launcher, "guard", String(options.drainTimeoutMs)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  let isReleased = false;
  const gone = once(child, "exit").then(
    ([exitCode, signal]: unknown[]) => {
      if (!isReleased) options.onLost(`exit code ${String(exitCode)}, signal ${String(signal)}`);
    },
    (error: unknown) => options.onLost(String(error)),
  );
  // A guard that is gone is told by its exit; what was written to it meanwhile is lost either way.
  child.stdin.on("error", () => {});

  function watch(pids: readonly number[]): void {
    child.stdin.write(`${JSON.stringify(pids)}\n`);
  }

  async function release(): Promise<void> {
    isReleased = true;
    watch([]);
    child.stdin.end();
    await gone;
  }

  return { pid: child.pid ?? 0, watch, release };
}
