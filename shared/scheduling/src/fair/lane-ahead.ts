import type { QueueEntry } from "../request-queue.ts";
import { estimateMs } from "./cost-estimate.ts";
import { createLaneRate, type LaneProgress, type LaneRate } from "./lane-rate.ts";
import type { Lane } from "./tree.ts";

/** What an entry that comes now finds before it in its lane. */
export interface LaneAhead extends LaneProgress {
  /** Items of the entries that go before it, at least. */
  readonly itemsAhead: number;
  /** Deadline of the last of those, on the owner's monotonic clock. */
  readonly aheadUntilMs: number;
  /** What the entry is estimated to cost: its run takes at least that long. */
  readonly runMs: number;
  /** How fast the lane is emptied, as far as it was looked at. */
  readonly rate: LaneRate;
}

/** Notes that an entry finds nothing waiting in its lane. */
export function beginQueue<Entry extends QueueEntry>(lane: Lane<Entry>, { arrival }: Entry): void {
  lane.busySince = arrival;
  lane.takenItems = 0;
}

/**
 * Looks up where an entry would stand. Those that have gone and are still in line are taken to be all ahead, and those
 * that came out of order to be all behind: that may be too few ahead, never too many but for requests of different sizes.
 */
export function aheadOf<Entry extends QueueEntry>(
  lane: Lane<Entry> | undefined,
  entry: Entry,
): LaneAhead | undefined {
  if (lane === undefined) return undefined;
  const { entries, depth, waitingItems, busySince, takenItems } = lane;
  const place = entries.placeOf(entry);
  const goneCount = Math.max(0, entries.size - depth);
  const aheadCount = place - goneCount;
  if (aheadCount <= 0) return undefined;
  const aheadUntilMs = entries.at(place - 1)?.deadlineMs ?? Infinity;
  const itemsAhead = (aheadCount * waitingItems) / depth;
  lane.rate ??= createLaneRate();
  const { rate } = lane;
  return { itemsAhead, aheadUntilMs, runMs: estimateMs(lane, entry), busySince, takenItems, rate };
}
