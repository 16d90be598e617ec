import { InferenceError } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { restartDelayMs } from "./restart-delay.ts";
import type { RunningProcess } from "./running-process.ts";

/** What happens to one process of the stack. */
export type KeptProcessEvent =
  | { readonly type: "starting" }
  | { readonly type: "started"; readonly pid: number }
  | { readonly type: "ready"; readonly pid: number; readonly startMs: number }
  | { readonly type: "ended"; readonly reason: string; readonly restartDelayMs: number }
  | { readonly type: "gaveUp"; readonly reason: string }
  | { readonly type: "draining" }
  | { readonly type: "killed"; readonly drainTimeoutMs: number }
  | { readonly type: "stopped" };

export interface KeptProcessOptions {
  readonly name: string;
  /** Starts the process; may wait until it is ready. */
  launch(): Promise<RunningProcess>;
  readonly clock: Clock;
  /** How long draining may take before the process is killed, in milliseconds. */
  readonly drainTimeoutMs: number;
  onEvent(event: KeptProcessEvent): void;
}

/**
 * A process that is started again when it ends unasked: with backoff, and not for ever (see {@link restartDelayMs}).
 * The first start is not repeated: what cannot start now will not start in a second either.
 */
export interface KeptProcess {
  /** Starts it for the first time and resolves when it is ready. */
  start(): Promise<void>;
  /** Resolves once it was stopped; rejects when it was given up. */
  readonly closed: Promise<void>;
  /** Drains it, kills it when that takes too long, and resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, and keeps it from being started again. */
  kill(): void;
}

export function createKeptProcess(options: KeptProcessOptions): KeptProcess {
  const { name, launch, clock, drainTimeoutMs, onEvent } = options;
  const stopping = new AbortController();
  const endings: number[] = [];
  let current: RunningProcess | undefined;
  let launching: Promise<unknown> = Promise.resolve();
  let reportClosed: (outcome: void | Promise<void>) => void = () => {};
  const closed = new Promise<void>((resolve) => {
    reportClosed = resolve;
  });

  async function launchUntilReady(): Promise<RunningProcess> {
    onEvent({ type: "starting" });
    const startedMs = clock.monotonicMs();
    const launched = await launch();
    current = launched;
    onEvent({ type: "started", pid: launched.pid });
    if (stopping.signal.aborted) launched.stop();
    await launched.ready;
    onEvent({ type: "ready", pid: launched.pid, startMs: clock.monotonicMs() - startedMs });
    return launched;
  }

  /** Starts it again until it is ready; returns nothing when it is being stopped. */
  async function relaunch(firstReason: string): Promise<RunningProcess | undefined> {
    for (let reason = firstReason; !stopping.signal.aborted;) {
      endings.push(clock.monotonicMs());
      const delayMs = restartDelayMs(endings, clock.monotonicMs());
      if (delayMs === undefined) throw giveUp(reason);
      onEvent({ type: "ended", reason, restartDelayMs: delayMs });
      await clock.sleep(delayMs, stopping.signal).catch(() => {});
      if (stopping.signal.aborted) return undefined;
      try {
        const attempt = launchUntilReady();
        launching = attempt.catch(() => {});
        return await attempt;
      } catch (error) {
        reason = InferenceError.from(error).message;
      }
    }
    return undefined;
  }

  function giveUp(reason: string): InferenceError {
    onEvent({ type: "gaveUp", reason });
    const message = `${name} ended ${endings.length} times within a minute, last with ${reason}`;
    return new InferenceError("unavailable", `${message}\n${current?.logTail() ?? ""}`);
  }

  async function keep(first: RunningProcess): Promise<void> {
    for (let kept: RunningProcess | undefined = first; kept !== undefined;) {
      const reason = await kept.exited;
      if (stopping.signal.aborted) return;
      kept = await relaunch(reason);
    }
  }

  async function start(): Promise<void> {
    const attempt = launchUntilReady();
    launching = attempt.catch(() => {});
    const first = await attempt;
    reportClosed(keep(first));
  }

  async function stop(): Promise<void> {
    if (current !== undefined) onEvent({ type: "draining" });
    stopping.abort(new InferenceError("canceled", `${name} is being stopped`));
    current?.stop();
    using _limit = clock.schedule(drainTimeoutMs, () => {
      onEvent({ type: "killed", drainTimeoutMs });
      current?.kill();
    });
    await launching;
    await current?.exited;
    if (current !== undefined) onEvent({ type: "stopped" });
  }

  function kill(): void {
    stopping.abort(new InferenceError("canceled", `${name} is being killed`));
    current?.kill();
  }

  return { start, closed, stop, kill };
}
