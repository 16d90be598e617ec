import type { RequestQueue } from "@sluice/scheduling";
import type { SimulatedRequest } from "../request.ts";

export interface QueuePerKeyOptions {
  /** Names the queue that a request waits in. */
  readonly keyOf: (request: SimulatedRequest) => string;
  readonly createQueue: () => RequestQueue<SimulatedRequest>;
}

/**
 * Creates what Sluice does not do: several queues for one pool, each fair for itself, that workers take from in turn.
 * With the gateway as the key it is a queue in every dispatcher, with the model as the key one for every model.
 */
export function createQueuePerKey({
  keyOf,
  createQueue,
}: QueuePerKeyOptions): RequestQueue<SimulatedRequest> {
  const queues = new Map<string, RequestQueue<SimulatedRequest>>();
  /** The queues in the order of their turn. */
  let turns: RequestQueue<SimulatedRequest>[] = [];

  const queueOf = (request: SimulatedRequest): RequestQueue<SimulatedRequest> => {
    const key = keyOf(request);
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
    add: (request) => queueOf(request).add(request),
    take: (limits, nowMs) => {
      for (const queue of turns) {
        const taken = queue.take(limits, nowMs);
        if (taken.length === 0) continue;
        turns = [...turns.filter((other) => other !== queue), queue];
        return taken;
      }
      return [];
    },
    settle: (request, costMs) => queueOf(request).settle(request, costMs),
    remove: (request) => queueOf(request).remove(request),
    expire: (nowMs) => turns.flatMap((queue) => queue.expire(nowMs)),
    nextDeadlineMs: () => Math.min(Infinity, ...turns.map((queue) => queue.nextDeadlineMs())),
    depth: (model) => turns.reduce((sum, queue) => sum + queue.depth(model), 0),
    entries: () => turns.flatMap((queue) => [...queue.entries()]),
  };
}
