import type { QueueEntry } from "../request-queue.ts";
import { itemsOf } from "./cost-estimate.ts";
import type { Lane } from "./tree.ts";
import { reprice } from "./waiting-cost.ts";

/** Part of a new observation in an estimate: about the last ten requests count. */
const newPart = 0.1;

/** Notes what an entry cost, above 0, in the estimates of its lane and its model. */
export function observeCost<Entry extends QueueEntry>(lane: Lane<Entry>, entry: Entry, costMs: number): void {
  const perItemMs = costMs / itemsOf(entry);
  reprice(lane, blend(lane.costPerItemMs, perItemMs));
  const { model } = lane.kind;
  model.costPerItemMs = blend(model.costPerItemMs, perItemMs);
}

function blend(oldMs: number, newMs: number): number {
  return oldMs === 0 ? newMs : oldMs + newPart * (newMs - oldMs);
}
