import type { QueueEntry } from "../request-queue.ts";
import { costPerItemMs } from "./cost-estimate.ts";
import type { Branch, Front, Lane } from "./tree.ts";

/*
 * What waits in a branch is estimated to cost, at the estimates of its lanes: kept for every front as requests come and go, as
 * estimates change and as tenants move, so that whoever asks looks at no tenant. A lane without an estimate of its own has that
 * of its model, which all such lanes share: their items are counted, and priced by whoever asks.
 */

/** Counts items that wait in a lane from now on, or wait no more where they are below 0. */
export function countWaiting<Entry extends QueueEntry>(lane: Lane<Entry>, items: number): void {
  lane.waitingItems += items;
  count(lane, items);
}

/** Sets the estimate of a lane. */
export function reprice<Entry extends QueueEntry>(lane: Lane<Entry>, costMs: number): void {
  count(lane, -lane.waitingItems);
  lane.costPerItemMs = costMs;
  count(lane, lane.waitingItems);
}

/** Moves a lane to another front of the same kind. */
export function changeFront<Entry extends QueueEntry>(lane: Lane<Entry>, front: Front<Entry>): void {
  count(lane, -lane.waitingItems);
  lane.front = front;
  count(lane, lane.waitingItems);
}

/** What all that waits of the tenants of a branch is estimated to cost, in worker-milliseconds. */
export function waitingMs<Entry extends QueueEntry>({ fronts }: Branch<Entry>): number {
  let sumMs = 0;
  for (const [kind, { unpricedItems, pricedMs }] of fronts) {
    sumMs += pricedMs + unpricedItems * costPerItemMs({ kind, costPerItemMs: 0 });
  }
  return sumMs;
}

function count<Entry extends QueueEntry>({ front, costPerItemMs: costMs }: Lane<Entry>, items: number): void {
  front.waitingItems += items;
  if (costMs === 0) front.unpricedItems += items;
  // Sums of fractions keep a rest that would add up over the years.
  front.pricedMs = front.waitingItems === front.unpricedItems ? 0 : front.pricedMs + items * costMs;
}
