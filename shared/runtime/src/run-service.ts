import type { Clock } from "./clock.ts";
import { letHeapGrow } from "./heap-growth.ts";
import type { Logger } from "./logger.ts";
import { systemClock } from "./system-clock.ts";

/** A signal that follows the first one sooner than this is the same key press: a Ctrl-C can arrive twice within 3 ms. */
const secondSignalAfterMs = 1_000;

const shutdownSignals = ["SIGTERM", "SIGINT"] as const;
const faults = ["uncaughtException", "unhandledRejection"] as const;

/** The part of `process` that {@link runService} touches; tests give their own. */
export interface ServiceProcess {
  on(event: string, listener: (argument: unknown) => void): unknown;
  off(event: string, listener: (argument: unknown) => void): unknown;
  exit(code: number): void;
}

export interface RunServiceOptions {
  readonly log: Logger;
  /** How long the body may take to finish after the first signal; below the kill delay of whatever runs the process. */
  readonly drainTimeoutMs: number;
  readonly clock?: Clock;
  readonly process?: ServiceProcess;
}

/**
 * Runs a service from start to exit: the only place with signal handlers and exit codes.
 *
 * The first SIGTERM or SIGINT aborts `shutdown`. A second one (at least a second later), or `drainTimeoutMs`, exits 1 without
 * waiting. A body that rejects, an unhandled rejection and an uncaught exception are logged once and exit 1. A body that
 * resolves exits 0. Meanwhile the heap may grow so far that tensors that pass do not have all of it collected.
 */
export async function runService(
  options: RunServiceOptions,
  body: (shutdown: AbortSignal) => Promise<void>,
): Promise<void> {
  const { log, drainTimeoutMs, clock = systemClock, process: host = process } = options;
  const shutdown = new AbortController();
  let drain: { readonly startedMs: number; readonly timer: Disposable } | undefined;
  let hasExited = false;

  const exit = (code: number): void => {
    hasExited = true;
    drain?.timer[Symbol.dispose]();
    for (const signal of shutdownSignals) host.off(signal, onSignal);
    for (const fault of faults) host.off(fault, onFault);
    host.exit(code);
  };
  const onSignal = (signal: unknown): void => {
    if (drain === undefined) {
      log.info("shutdown requested", { signal, drainTimeoutMs });
      const timer = clock.schedule(drainTimeoutMs, onDrainTimeout);
      drain = { startedMs: clock.monotonicMs(), timer };
      shutdown.abort(new Error("the service was asked to stop"));
    } else if (clock.monotonicMs() - drain.startedMs >= secondSignalAfterMs) {
      log.warn("shutdown forced", { signal });
      exit(1);
    }
  };
  const onDrainTimeout = (): void => {
    log.error("drain timed out", { drainTimeoutMs });
    exit(1);
  };
  const onFault = (err: unknown): void => {
    if (hasExited) return;
    log.error("service failed", { err });
    exit(1);
  };

  using _heap = letHeapGrow();
  for (const signal of shutdownSignals) host.on(signal, onSignal);
  for (const fault of faults) host.on(fault, onFault);
  try {
    await body(shutdown.signal);
  } catch (error) {
    onFault(error);
    return;
  }
  if (hasExited) return;
  log.info("service stopped");
  exit(0);
}
