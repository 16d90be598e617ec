import type { Clock } from "@sluice/runtime";

/**
 * A clock that moves only when told. Timers fire in the order of their time; between two of them everything that is ready
 * runs. `afterRead` runs on the real event loop, as soon as what is dispatched now has been: no time passes for it.
 */
export interface FakeClock extends Clock {
  /** Sleeps, schedules and intervals that have neither fired nor been given up; 0 at the end of a test. */
  readonly pending: number;
  /** Moves time by `durationMs`, firing what falls due on the way, and lets everything that follows from it run. */
  advance(durationMs: number): Promise<void>;
  /** Lets run whatever is ready without moving time. */
  settle(): Promise<void>;
}

interface Timer {
  dueMs: number;
  readonly fire: () => void;
}

const startMs = 1_000;
/** 2026-01-01T00:00:00Z, less the start of the monotonic clock. */
const epochMs = 1_767_225_600_000 - startMs;

export function createFakeClock(): FakeClock {
  const timers = new Set<Timer>();
  let monotonicMs = startMs;
  let readCount = 0;
  const hasReads = (): boolean => readCount > 0;

  const add = (delayMs: number, onDue: (timer: Timer) => void): Disposable => {
    const timer: Timer = { dueMs: monotonicMs + Math.max(0, delayMs), fire: () => onDue(timer) };
    timers.add(timer);
    return { [Symbol.dispose]: () => void timers.delete(timer) };
  };

  const schedule: Clock["schedule"] = (delayMs, callback) =>
    add(delayMs, (timer) => {
      timers.delete(timer);
      callback();
    });

  const settle = async (): Promise<void> => {
    do {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    } while (hasReads());
  };

  const nextTimer = (untilMs: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  };

  return {
    nowMs: () => epochMs + monotonicMs,
    monotonicMs: () => monotonicMs,
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          timer[Symbol.dispose]();
          reject(signal?.reason);
        };
        const timer = schedule(delayMs, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    schedule,
    every: (intervalMs, callback) => {
      if (intervalMs <= 0) throw new RangeError("an interval must be longer than 0 ms");
      return add(intervalMs, (timer) => {
        timer.dueMs += intervalMs;
        callback();
      });
    },
    afterRead(callback) {
      readCount++;
      const immediate = setImmediate(() => {
        readCount--;
        isOpen = false;
        callback();
      });
      let isOpen = true;
      return {
        [Symbol.dispose]() {
          if (!isOpen) return;
          isOpen = false;
          readCount--;
          clearImmediate(immediate);
        },
      };
    },
    get pending() {
      return timers.size;
    },
    async advance(durationMs) {
      const untilMs = monotonicMs + durationMs;
      await settle();
      for (let timer = nextTimer(untilMs); timer !== undefined; timer = nextTimer(untilMs)) {
        monotonicMs = timer.dueMs;
        timer.fire();
        await settle();
      }
      monotonicMs = untilMs;
    },
    settle,
  };
}
