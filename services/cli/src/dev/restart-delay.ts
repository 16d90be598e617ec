const windowMs = 60_000;
const maxRestarts = 5;
const firstDelayMs = 250;
const maxDelayMs = 4000;

/**
 * Decides when a process that ended is started again: after 250 ms, twice as long each time within a minute, at most 4 s.
 * `undefined` = no more: it ended more than five times within a minute, and starting it once more would help nobody.
 * `endedAtMs` holds every ending so far, the last one included, oldest first.
 */
export function restartDelayMs(endedAtMs: readonly number[], nowMs: number): number | undefined {
  const recent = endedAtMs.filter((endedMs) => nowMs - endedMs < windowMs).length;
  if (recent > maxRestarts) return undefined;
  return Math.min(maxDelayMs, firstDelayMs * 2 ** Math.max(0, recent - 1));
}
