/** The requests that were cancelled lately. Time is an argument. */
export interface RecentCancels {
  /** Takes note of a cancellation. */
  add(id: string, nowMs: number): void;
  /** Ids of what was cancelled within the last minute, the oldest first. */
  ids(nowMs: number): readonly string[];
}

/** Longer than a pool is without an owner after a crash, and most servers are away that are started again. */
const rememberMs = 60_000;
/** Bounds the memory; what was cancelled first is forgotten first, and its run goes on to its end. */
const maxCancels = 4096;

/** Creates a memory without any. */
export function createRecentCancels(): RecentCancels {
  const cancelledMs = new Map<string, number>();

  const forget = (nowMs: number): void => {
    for (const [id, atMs] of cancelledMs) {
      if (nowMs - atMs < rememberMs && cancelledMs.size <= maxCancels) return;
      cancelledMs.delete(id);
    }
  };
  return {
    add(id, nowMs) {
      cancelledMs.set(id, nowMs);
      forget(nowMs);
    },
    ids(nowMs) {
      forget(nowMs);
      return [...cancelledMs.keys()];
    },
  };
}
