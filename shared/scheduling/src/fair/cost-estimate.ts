import type { QueueEntry } from "../request-queue.ts";
import type { Lane } from "./tree.ts";

/** Charged where nothing is known of a model. Small: what is charged too much keeps its tenant waiting until it is corrected. */
const unknownCostPerItemMs = 1;

/** What an entry is expected to cost: as the last ones of its lane, else as the last ones of its model. */
export function estimateMs<Entry extends QueueEntry>(lane: Lane<Entry>, entry: Entry): number {
  return costPerItemMs(lane) * itemsOf(entry);
}

/** The same for one item. */
export function costPerItemMs<Entry extends QueueEntry>(
  lane: Pick<Lane<Entry>, "costPerItemMs" | "kind">,
): number {
  return lane.costPerItemMs || lane.kind.model.costPerItemMs || unknownCostPerItemMs;
}

/** What a request counts for: one without items costs something, too. */
export function itemsOf(entry: QueueEntry): number {
  return Math.max(1, entry.items);
}
