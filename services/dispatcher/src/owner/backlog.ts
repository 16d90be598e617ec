import type { Clock } from "@sluice/runtime";
import type { BatchLimits, RequestQueue } from "@sluice/scheduling";
import type { Waiting, WaitingEntry } from "./waiting.ts";

/** The requests of a pool that wait, bounded in number and bytes. */
export interface Backlog {
  readonly size: number;
  readonly bytes: number;
  has(key: string): boolean;
  /** Whether one more request of `bytes` may wait. */
  hasRoom(bytes: number): boolean;
  /** Takes an entry in at its place. Entries that come back are taken whatever the bound: they were counted before. */
  add(entry: WaitingEntry): void;
  take(limits: BatchLimits, nowMs: number): WaitingEntry[];
  remove(key: string): WaitingEntry | undefined;
  depth(model: string): number;
  entries(): Iterable<WaitingEntry>;
  /** Stops the timer; what waits stays. */
  stop(): void;
}

export interface BacklogOptions {
  readonly queue: RequestQueue<Waiting>;
  readonly clock: Clock;
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** Gets entries whose deadline passed; they wait no more. */
  readonly onExpired: (entries: readonly WaitingEntry[]) => void;
}

/** Creates a backlog with one timer, set to the earliest deadline. */
export function createBacklog(options: BacklogOptions): Backlog {
  const { queue, clock, maxRequests, maxBytes, onExpired } = options;
  let bytes = 0;
  let timer: Disposable | undefined;
  let timerDueMs = Infinity;

  const leave = (entries: readonly WaitingEntry[]): void => {
    for (const entry of entries) bytes -= entry.bytes;
  };

  const arm = (): void => {
    const dueMs = queue.nextDeadlineMs();
    // A timer that fires too early only looks again: most requests are gone long before their deadline.
    if (dueMs >= timerDueMs) return;
    timer?.[Symbol.dispose]();
    timerDueMs = dueMs;
    timer = clock.schedule(Math.max(0, dueMs - clock.monotonicMs()), expire);
  };

  const expire = (): void => {
    timer = undefined;
    timerDueMs = Infinity;
    const expired = queue.expire(clock.monotonicMs());
    leave(expired);
    if (expired.length > 0) onExpired(expired);
    arm();
  };

  return {
    get size() {
      return queue.size;
    },
    get bytes() {
      return bytes;
    },
    has: (key) => queue.has(key),
    hasRoom: (more) => queue.size < maxRequests && bytes + more <= maxBytes,
    add: (entry) => {
      queue.add(entry);
      bytes += entry.bytes;
      if (entry.deadlineMs < timerDueMs) arm();
    },
    take: (limits, nowMs) => {
      const taken = queue.take(limits, nowMs);
      leave(taken);
      return taken;
    },
    remove: (key) => {
      const entry = queue.remove(key);
      if (entry !== undefined) bytes -= entry.bytes;
      return entry;
    },
    depth: (model) => queue.depth(model),
    entries: () => queue.entries(),
    stop: () => {
      timer?.[Symbol.dispose]();
      timer = undefined;
      timerDueMs = Infinity;
    },
  };
}
