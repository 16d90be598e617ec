import type { BatchingRules } from "@sluice/protocol";
import { createLiveHeap, queueTimeoutMs } from "@sluice/scheduling";
import type { OpenRequest } from "./open-request.ts";

/** The requests that may wait only so long in the queue, by the rules of their models. Time is an argument. */
export interface QueueTimeouts {
  /** Notes a request that waits from now on. Returns when its queue timeout ends; Infinity if it has none. */
  enter(request: OpenRequest, rules: BatchingRules, nowMs: number): number;
  nextMs(): number;
  /** Those that still wait and whose queue timeout has ended; each once. */
  takeDue(nowMs: number): OpenRequest[];
  /** Called when requests wait no more, of which `waitingCount` are left: they are not kept for their timeouts' sake. */
  sweep(waitingCount: number): void;
}

interface Timeout {
  readonly request: OpenRequest;
  readonly atMs: number;
}

/** Added to the `order` of what was delayed: it goes behind everything that was not, whose `order` is an arrival at most. */
const delayedOrder = 2 ** 40;

/** Whether a request has waited for its queue timeout before: it waits without one from then on. */
export function isDelayed({ order }: Pick<OpenRequest, "order">): boolean {
  return order >= delayedOrder;
}

/** The `order` of a request that goes behind all others of its tenant and model. */
export function delayedOrderOf({ order }: Pick<OpenRequest, "order">): number {
  return order + delayedOrder;
}

export function createQueueTimeouts(): QueueTimeouts {
  const timeouts = createLiveHeap<Timeout>({
    rank: ({ atMs }) => atMs,
    isLive: ({ request }) => request.stay !== "gone",
  });

  return {
    enter: (request, rules, nowMs) => {
      const atMs = nowMs + queueTimeoutMs(rules, request.queueTimeoutMs);
      if (atMs === Infinity || isDelayed(request)) return Infinity;
      timeouts.push({ request, atMs });
      return atMs;
    },
    nextMs: () => timeouts.peek()?.atMs ?? Infinity,
    takeDue: (nowMs) => {
      const due: OpenRequest[] = [];
      for (let next = timeouts.peek(); next !== undefined && next.atMs <= nowMs; next = timeouts.peek()) {
        timeouts.pop();
        due.push(next.request);
      }
      return due;
    },
    sweep: timeouts.sweep,
  };
}
