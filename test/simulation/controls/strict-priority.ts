import { createFifoQueue, type RequestQueue } from "@sluice/scheduling";
import type { SimulatedRequest } from "../request.ts";

/**
 * Creates the yardstick of isolation, which is not fair at all: preferred requests go first, in the order of arrival; the
 * others get what is left of a batch, and the workers that none of the preferred waits for.
 */
export function createStrictPriority(
  isPreferred: (request: SimulatedRequest) => boolean,
): RequestQueue<SimulatedRequest> {
  const preferred = createFifoQueue<SimulatedRequest>();
  const others = createFifoQueue<SimulatedRequest>();
  const queueOf = (request: SimulatedRequest): RequestQueue<SimulatedRequest> =>
    isPreferred(request) ? preferred : others;

  return {
    get size() {
      return preferred.size + others.size;
    },
    add: (request) => queueOf(request).add(request),
    take: (limits, nowMs) => {
      const taken = preferred.take(limits, nowMs);
      const [first] = taken;
      if (first === undefined) return others.take(limits, nowMs);
      const rest = {
        ...limits,
        models: [first.model],
        maxItems: (model: string) =>
          limits.maxItems(model) - taken.reduce((sum, { items }) => sum + items, 0),
        maxBytes: limits.maxBytes - taken.reduce((sum, { bytes }) => sum + bytes, 0),
      };
      return [...taken, ...others.take(rest, nowMs)];
    },
    settle: (request, costMs) => queueOf(request).settle(request, costMs),
    remove: (request) => queueOf(request).remove(request),
    expire: (nowMs) => [...preferred.expire(nowMs), ...others.expire(nowMs)],
    nextDeadlineMs: () => Math.min(preferred.nextDeadlineMs(), others.nextDeadlineMs()),
    depth: (model) => preferred.depth(model) + others.depth(model),
    entries: () => [...preferred.entries(), ...others.entries()],
  };
}
