import type { Clock } from "@sluice/runtime";

/** A run that an engine was given: it is going on, or waits behind another. */
export interface GivenRun {
  /** When it will probably end, on the monotonic clock; Infinity where nobody knows. */
  readonly endsMs: number;
  /** Resolves once it has ended, however that was. */
  readonly ended: Promise<void>;
}

/**
 * How long before the end of a run the engine is given the next one, in milliseconds. Long enough for this thread to be busy
 * with something else meanwhile; no longer, since a run that was given cannot be taken back when its caller gives it up, its
 * time is over or the worker drains.
 */
const aheadMs = 5;

/** Resolves when the engine is to be given the run behind this one; at the latest when this one has ended. */
export async function nearEnd({ endsMs, ended }: GivenRun, clock: Clock): Promise<void> {
  const waitMs = endsMs - aheadMs - clock.monotonicMs();
  if (waitMs <= 0) return;
  if (waitMs === Infinity) return ended;
  let timer: Disposable | undefined;
  const due = new Promise<void>((resolve) => (timer = clock.schedule(waitMs, resolve)));
  await Promise.race([due, ended]);
  timer?.[Symbol.dispose]();
}
