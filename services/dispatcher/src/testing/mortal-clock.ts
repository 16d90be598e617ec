import type { Clock } from "@sluice/runtime";

/** The clock of a process: once that is dead, nothing of it is called any more. Sleeps go on. */
export interface MortalClock extends Clock {
  die(): void;
}

export function createMortalClock(clock: Clock): MortalClock {
  const timers = new Set<Disposable>();
  let isDead = false;
  const keep = (timer: Disposable): Disposable => {
    if (isDead) timer[Symbol.dispose]();
    else timers.add(timer);
    return timer;
  };
  return {
    ...clock,
    schedule: (delayMs, callback) => keep(clock.schedule(delayMs, callback)),
    every: (intervalMs, callback) => keep(clock.every(intervalMs, callback)),
    afterRead: (callback) => keep(clock.afterRead(callback)),
    die: () => {
      isDead = true;
      for (const timer of timers) timer[Symbol.dispose]();
    },
  };
}
