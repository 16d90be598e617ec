import type { FairQueue } from "../fair/fair-queue.ts";
import type { QueueEntry } from "../request-queue.ts";

/** Why an entry would not end in time. */
export interface Lateness {
  /** How long it would wait for its turn, in milliseconds. */
  readonly waitMs: number;
  /** By how much it would end after its deadline, in milliseconds. */
  readonly lateMs: number;
}

/**
 * Foretells which entries have no chance: those before which so much of their own lane stands that their turn comes too late at
 * the pace at which the lane moves. The pace is measured and not worked out: it says at once what weights, classes, limits,
 * other tenants, batches and workers come to.
 */
export interface TurnForecast<Entry extends QueueEntry> {
  /** Why an entry that is not in the queue would end too late; `undefined` where it may end in time, or nobody knows. */
  lateness(entry: Entry, nowMs: number): Lateness | undefined;
}

/** The pace may grow by so much before the turn comes: others may have less work by then. */
const paceMargin = 1.25;

/**
 * What stands before an entry is gone by its own deadlines, run or not. Where the last of these leaves the entry this part of its
 * time, it has a chance whatever stands there.
 */
const spareTimePart = 0.5;

export interface TurnForecastOptions<Entry extends QueueEntry> {
  readonly queue: Pick<FairQueue<Entry>, "ahead">;
}

export function createTurnForecast<Entry extends QueueEntry>({
  queue,
}: TurnForecastOptions<Entry>): TurnForecast<Entry> {
  return {
    lateness: (entry, nowMs) => {
      const ahead = queue.ahead(entry);
      if (ahead === undefined) return undefined;
      const itemsPerMs = ahead.rate.note(ahead, nowMs);
      if (itemsPerMs === Infinity) return undefined;
      const leftMs = entry.deadlineMs - nowMs;
      const { itemsAhead, aheadUntilMs, runMs } = ahead;
      const leastWaitMs = itemsAhead / (paceMargin * itemsPerMs);
      if (leastWaitMs + runMs <= leftMs || aheadUntilMs - nowMs <= spareTimePart * leftMs) return undefined;
      const waitMs = itemsAhead / itemsPerMs;
      return { waitMs, lateMs: waitMs + runMs - leftMs };
    },
  };
}
