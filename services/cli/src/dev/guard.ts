import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Clock } from "@sluice/runtime";
import { z } from "zod";
import { isErrno, isProcessAlive } from "../process-alive.ts";

const pollMs = 50;
const pidList = z.array(z.number().int().positive());

export interface GuardOptions {
  /** Lines of JSON: process ids in the order in which they are to be stopped; each line replaces the one before. */
  readonly input: Readable;
  readonly clock: Clock;
  /** How long each process may take to drain before it is killed, in milliseconds. */
  readonly drainTimeoutMs: number;
}

/**
 * Outlives a supervisor that was killed, and stops what it left behind: reads the supervisor's list of processes until its
 * pipe closes, then ends every process of the last list, in order. A supervisor that ends properly leaves an empty list.
 */
export async function guardProcesses({ input, clock, drainTimeoutMs }: GuardOptions): Promise<void> {
  let pids: readonly number[] = [];
  for await (const line of createInterface({ input })) pids = pidList.parse(JSON.parse(line));
  for (const pid of pids) await stopProcess(pid, { clock, drainTimeoutMs });
}

async function stopProcess(pid: number, options: Omit<GuardOptions, "input">): Promise<void> {
  const { clock, drainTimeoutMs } = options;
  signalProcess(pid, "SIGTERM");
  const startedMs = clock.monotonicMs();
  while (isProcessAlive(pid) && clock.monotonicMs() - startedMs < drainTimeoutMs) await clock.sleep(pollMs);
  if (isProcessAlive(pid)) signalProcess(pid, "SIGKILL");
}

function signalProcess(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}
