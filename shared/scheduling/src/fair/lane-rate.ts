/** How far the work on a lane has come. */
export interface LaneProgress {
  /** Arrival of the entry since which something has been waiting in the lane all the time. */
  readonly busySince: number;
  /** Number of items that were taken from the lane since. */
  readonly takenItems: number;
}

/** How fast a lane is emptied, measured while something waits in it. */
export interface LaneRate {
  /** Looks at the lane. Returns the items that are taken from it each millisecond; Infinity while that is not known. */
  note(lane: LaneProgress, nowMs: number): number;
}

/** Shortest time that is measured, in milliseconds: some batches of most models, and soon enough for what changes. */
const leastWindowMs = 500;

/**
 * Creates the rate of a lane, unknown at first. Of the last two windows the faster one counts. A window does not end before
 * something was taken in it, so a long batch or a stall make no rate of 0; and it begins anew once the lane was empty, since what
 * is taken from a lane that is empty at times is what came, not what it could be given.
 */
export function createLaneRate(): LaneRate {
  let startedMs = 0;
  let startedItems = 0;
  let busySince = NaN;
  let latest = 0;
  let previous = 0;

  const begin = (items: number, nowMs: number): void => {
    startedMs = nowMs;
    startedItems = items;
  };

  return {
    note: (lane, nowMs) => {
      if (lane.busySince !== busySince) {
        busySince = lane.busySince;
        latest = 0;
        previous = 0;
        begin(lane.takenItems, nowMs);
      }
      const elapsedMs = nowMs - startedMs;
      const items = lane.takenItems - startedItems;
      if (elapsedMs >= leastWindowMs && items > 0) {
        previous = latest;
        latest = items / elapsedMs;
        begin(lane.takenItems, nowMs);
      }
      return Math.max(latest, previous) || Infinity;
    },
  };
}
