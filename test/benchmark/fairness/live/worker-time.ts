import type { EngineRun, Span } from "../../../simulation/measure/engine-log.ts";

/** When the first run began; Infinity if there is none. With `fromMs`, the first that began no earlier. */
export function firstRunMs(log: readonly EngineRun[], fromMs = 0): number {
  return log.reduce((first, { startMs }) => (startMs >= fromMs ? Math.min(first, startMs) : first), Infinity);
}

/** The span from `fromMs` in which the engines have run for `workerMs` together; undefined while they have not. */
export function spanOfWorkerTime(
  log: readonly EngineRun[],
  { fromMs, workerMs }: { readonly fromMs: number; readonly workerMs: number },
): Span | undefined {
  const changes = log
    .flatMap(({ startMs, endMs }) => [
      { atMs: Math.max(startMs, fromMs), running: 1 },
      { atMs: Math.max(endMs, fromMs), running: -1 },
    ])
    .sort((left, right) => left.atMs - right.atMs);
  let sumMs = 0;
  let running = 0;
  let sinceMs = fromMs;
  for (const change of changes) {
    const addedMs = running * (change.atMs - sinceMs);
    if (sumMs + addedMs >= workerMs) return { fromMs, untilMs: sinceMs + (workerMs - sumMs) / running };
    sumMs += addedMs;
    running += change.running;
    sinceMs = change.atMs;
  }
  return undefined;
}
