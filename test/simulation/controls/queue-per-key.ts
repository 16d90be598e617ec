import type { QueueEntry, RequestQueue } from "@sluice/scheduling";

export interface QueuePerKeyOptions<Entry extends QueueEntry> {
  /** Names the queue that an entry waits in. */
  readonly keyOf: (entry: Entry) => string;
  readonly createQueue: () => RequestQueue<Entry>;
}

/**
 * Creates what Sluice does not do: several queues for one pool, each fair for itself, that workers take from in turn.
 * With the gateway as the key it is a queue in every dispatcher, with the model as the key one for every model.
 */
export function createQueuePerKey<Entry extends QueueEntry>({
  keyOf,
  createQueue,
}: QueuePerKeyOptions<Entry>): RequestQueue<Entry> {
  const queues = new Map<string, RequestQueue<Entry>>();
  /** The queues in the order of their turn. */
  let turns: RequestQueue<Entry>[] = [];

  const queueOf = (entry: Entry): RequestQueue<Entry> => {
    const key = keyOf(entry);
    let queue = queues.get(key);
    if (queue === undefined) {
      queue = createQueue();
      queues.set(key, queue);
      turns.push(queue);
    }
    return queue;
  };

  return {
    get size() {
      return turns.reduce((sum, queue) => sum + queue.size, 0);
    },
    add: (entry) => queueOf(entry).add(entry),
    take: (limits, nowMs) => {
      for (const queue of turns) {
        const taken = queue.take(limits, nowMs);
        if (taken.length === 0) continue;
        turns = [...turns.filter((other) => other !== queue), queue];
        return taken;
      }
      return [];
    },
    settle: (entry, costMs) => queueOf(entry).settle(entry, costMs),
    adopt: (entry) => queueOf(entry).adopt(entry),
    remove: (entry) => queueOf(entry).remove(entry),
    expire: (nowMs) => turns.flatMap((queue) => queue.expire(nowMs)),
    nextDeadlineMs: () => Math.min(Infinity, ...turns.map((queue) => queue.nextDeadlineMs())),
    depth: (model) => turns.reduce((sum, queue) => sum + queue.depth(model), 0),
    entries: () => turns.flatMap((queue) => [...queue.entries()]),
  };
}
