import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import type { Guard } from "./start-guard.ts";
import { createKeptProcess, type KeptProcess } from "./kept-process.ts";
import { describeEvent } from "./progress.ts";
import type { RunningProcess } from "./running-process.ts";

/** The processes of a stack in the order in which they are stopped: each before those it needs. */
const stopOrder = ["dispatcher", "worker", "results", "nats-server"] as const;

export type StackMember = (typeof stopOrder)[number];

export interface StackOptions {
  readonly clock: Clock;
  readonly guard: Guard;
  /** How long each process may take to drain, in milliseconds. */
  readonly drainTimeoutMs: number;
  progress(name: string, text: string): void;
}

/** The processes that `sluice dev` runs together. */
export interface Stack {
  /** Starts one and resolves when it is ready. */
  start(name: StackMember, launch: () => Promise<RunningProcess>): Promise<void>;
  /** Rejects when a process was given up. */
  readonly failed: Promise<never>;
  /** Drains and stops all of them, one after the other, in their order, and releases the guard. */
  stop(): Promise<void>;
  /** Ends all of them at once. */
  kill(): void;
}

export function createStack({ clock, guard, drainTimeoutMs, progress }: StackOptions): Stack {
  const members = new Map<StackMember, KeptProcess>();
  const pids = new Map<StackMember, number>();
  let isStopping = false;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Watched by whoever serves; a failure while the stack is being stopped is told by the process's own events.
  failed.catch(() => {});

  function tellGuard(): void {
    guard.watch(stopOrder.flatMap((name) => pids.get(name) ?? []));
  }

  async function start(name: StackMember, launch: () => Promise<RunningProcess>): Promise<void> {
    if (isStopping) throw new InferenceError("canceled", "the stack is being stopped");
    const member = createKeptProcess({
      name,
      launch,
      clock,
      drainTimeoutMs,
      onEvent(event) {
        if (event.type === "started") pids.set(name, event.pid);
        if (event.type === "ended" || event.type === "stopped") pids.delete(name);
        tellGuard();
        const text = describeEvent(event);
        if (text !== "") progress(name, text);
      },
    });
    members.set(name, member);
    await member.start();
    member.closed.catch(fail);
  }

  async function stop(): Promise<void> {
    isStopping = true;
    for (const name of stopOrder) await members.get(name)?.stop();
    await guard.release();
  }

  function kill(): void {
    isStopping = true;
    for (const member of members.values()) member.kill();
  }

  return { start, failed, stop, kill };
}
