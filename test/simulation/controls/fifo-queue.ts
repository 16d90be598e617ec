import {
  createHeap,
  type BatchLimits,
  type Heap,
  type QueueEntry,
  type RequestQueue,
} from "@sluice/scheduling";

/**
 * Creates what Sluice does not do: the first-in, first-out queue of one pool. The head that arrived first goes first, among the
 * models a credit can run; the batch is filled with requests for the same model, and stops at the first that does not fit.
 *
 * An entry alone in its batch may exceed its own `maxBatchItems` (it cannot be halved), never the limits of the credit.
 */
export function createFifoQueue<Entry extends QueueEntry>(): RequestQueue<Entry> {
  const waiting = new Set<Entry>();
  /** Those that run alone apart, so that nobody waits behind one that has to wait for its worker. Lanes forget what is gone later. */
  const lanes = new Map<string, Heap<Entry>>();
  const deadlines = createHeap<Entry>((entry) => entry.deadlineMs);

  const leave = (entry: Entry): void => {
    entry.stay = "gone";
    waiting.delete(entry);
  };

  /** The first entry of a lane that is still in time: those that are late are left to `expire`. */
  const headOf = (lane: Heap<Entry>, nowMs: number): Entry | undefined => {
    for (;;) {
      const head = lane.peek();
      if (head === undefined || (head.stay === "waiting" && head.deadlineMs > nowMs)) return head;
      lane.pop();
    }
  };

  /** The first head that fits the limits on its own. */
  const oldestHead = (limits: BatchLimits, nowMs: number): Entry | undefined => {
    let oldest: Entry | undefined;
    for (const model of limits.models) {
      const lane = lanes.get(laneName(model, limits.alone));
      const head = lane && headOf(lane, nowMs);
      if (head === undefined || head.bytes > limits.maxBytes) continue;
      if (oldest === undefined || head.arrival < oldest.arrival) oldest = head;
    }
    return oldest;
  };

  const earliestDeadline = (): Entry | undefined => {
    while (deadlines.peek()?.stay === "gone") deadlines.pop();
    return deadlines.peek();
  };

  return {
    get size() {
      return waiting.size;
    },

    add: (entry) => {
      if (entry.stay !== "new") throw new Error("the queue takes an entry once");
      entry.stay = "waiting";
      waiting.add(entry);
      const name = laneName(entry.model, entry.runsAlone);
      const lane = lanes.get(name) ?? createHeap<Entry>(({ arrival }) => arrival);
      lanes.set(name, lane);
      lane.push(entry);
      if (entry.deadlineMs !== Infinity) deadlines.push(entry);
    },

    take: (limits, nowMs) => {
      const taken: Entry[] = [];
      const anchor = oldestHead(limits, nowMs);
      const lane = anchor && lanes.get(laneName(anchor.model, limits.alone));
      if (anchor === undefined || lane === undefined) return taken;
      let items = 0;
      let bytes = 0;
      let mostItems = limits.maxItems(anchor.model);
      for (let head: Entry | undefined = anchor; head !== undefined; head = headOf(lane, nowMs)) {
        if (taken.length > 0) {
          mostItems = Math.min(mostItems, head.maxBatchItems);
          if (items + head.items > mostItems || bytes + head.bytes > limits.maxBytes) return taken;
        }
        leave(head);
        taken.push(head);
        if (limits.alone) return taken;
        items += head.items;
        bytes += head.bytes;
        mostItems = Math.min(mostItems, head.maxBatchItems);
      }
      return taken;
    },

    // Whoever came first goes first, whatever it costs.
    settle: () => undefined,

    adopt: (entry) => {
      if (entry.stay !== "new") throw new Error("the queue takes an entry once");
      entry.stay = "gone";
    },

    remove: (entry) => {
      if (entry.stay !== "waiting") return false;
      leave(entry);
      return true;
    },

    expire: (nowMs) => {
      const expired: Entry[] = [];
      for (
        let entry = earliestDeadline();
        entry !== undefined && entry.deadlineMs <= nowMs;
        entry = earliestDeadline()
      ) {
        leave(entry);
        expired.push(entry);
      }
      return expired;
    },

    nextDeadlineMs: () => earliestDeadline()?.deadlineMs ?? Infinity,

    depth: (model) => [...waiting].filter((entry) => entry.model === model).length,

    entries: () => [...waiting].sort((a, b) => a.arrival - b.arrival),
  };
}

function laneName(model: string, runsAlone: boolean): string {
  return runsAlone ? `${model} alone` : model;
}
