import type { QueueEntry, RequestQueue } from "@sluice/scheduling";
import { createFifoQueue } from "./fifo-queue.ts";

/**
 * Creates the yardstick of isolation, which is not fair at all: preferred requests go first, in the order of arrival; the
 * others get what is left of a batch, and the workers that none of the preferred waits for.
 */
export function createStrictPriority<Entry extends QueueEntry>(
  isPreferred: (entry: Entry) => boolean,
): RequestQueue<Entry> {
  const preferred = createFifoQueue<Entry>();
  const others = createFifoQueue<Entry>();
  const queueOf = (entry: Entry): RequestQueue<Entry> => (isPreferred(entry) ? preferred : others);

  return {
    get size() {
      return preferred.size + others.size;
    },
    add: (entry) => queueOf(entry).add(entry),
    take: (limits, nowMs) => {
      const taken = preferred.take(limits, nowMs);
      const [first] = taken;
      if (first === undefined) return others.take(limits, nowMs);
      if (limits.alone) return taken;
      const roomItems = limits.maxItems(first.model) - taken.reduce((sum, { items }) => sum + items, 0);
      if (roomItems <= 0) return taken;
      const rest = {
        ...limits,
        models: [first.model],
        maxItems: () => roomItems,
        maxBytes: limits.maxBytes - taken.reduce((sum, { bytes }) => sum + bytes, 0),
      };
      return [...taken, ...others.take(rest, nowMs)];
    },
    settle: (entry, costMs) => queueOf(entry).settle(entry, costMs),
    adopt: (entry) => queueOf(entry).adopt(entry),
    remove: (entry) => queueOf(entry).remove(entry),
    expire: (nowMs) => [...preferred.expire(nowMs), ...others.expire(nowMs)],
    nextDeadlineMs: () => Math.min(preferred.nextDeadlineMs(), others.nextDeadlineMs()),
    depth: (model) => preferred.depth(model) + others.depth(model),
    entries: () => [...preferred.entries(), ...others.entries()],
  };
}
