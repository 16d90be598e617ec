import { attributeCost, createBatchScheduler, curveMs, type LatencyCurve } from "@sluice/scheduling";
import { createFair } from "../queues.ts";
import type { Batcher } from "./batcher.ts";

/** Creates what Sluice does: the fair queue and the batch scheduler of the product. `curve` attributes the costs of a batch. */
export function createProductBatcher(curve: LatencyCurve): Batcher {
  const queue = createFair();
  const scheduler = createBatchScheduler({ queue });
  return {
    add: (request, nowMs) => {
      queue.add(request);
      scheduler.arrived(request, nowMs);
    },
    next: (ask, nowMs) => {
      // The owner does so by a timer.
      const expired = queue.expire(nowMs);
      const planned = scheduler.next(ask, nowMs);
      return { ...planned, late: [...expired, ...planned.late] };
    },
    nextDueMs: () => Infinity,
    ended: (batch) => {
      const { entries, tookMs } = batch;
      const aloneMs = entries.map(({ items, length }) => curveMs(curve, { items, length }));
      const allAloneMs = aloneMs.reduce((sum, ms) => sum + ms, 0);
      entries.forEach((entry, index) =>
        queue.settle(entry, attributeCost(tookMs, aloneMs[index] ?? 0, allAloneMs)),
      );
      scheduler.ended({ ...batch, model: "m" });
    },
    forget: (worker) => scheduler.forget(worker),
  };
}
