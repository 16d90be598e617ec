import { boundMs, type BatchAsk } from "@sluice/scheduling";
import type { SimulatedRequest } from "../../request.ts";
import type { Batcher } from "../batcher.ts";
import { createFifoBatcher } from "./fifo-batcher.ts";

/**
 * Runs as many of the first that wait, up to `windowItems`, as end in time for the first of them by the worker's own predictions,
 * padded to the longest; gives up what would be late alone.
 */
export function createFeasibleBatcher({ windowItems }: { readonly windowItems: number }): Batcher {
  return createFifoBatcher({
    isHopeless: (request, ask) => endMs(ask, { items: 1, length: request.length }) > request.deadlineMs,
    size: (waiting, ask) => {
      const most = Math.min(waiting.length, windowItems, ask.limits.maxItems("m"));
      let length = 0;
      for (let count = 0; count < most; count++) {
        length = Math.max(length, waiting[count]?.length ?? 0);
        if (endMs(ask, { items: count + 1, length }) > earliestDeadlineMs(waiting)) return count;
      }
      return most;
    },
  });
}

function earliestDeadlineMs([first]: readonly SimulatedRequest[]): number {
  return first?.deadlineMs ?? Infinity;
}

function endMs(ask: BatchAsk, shape: { readonly items: number; readonly length: number }): number {
  const profile = ask.profile("m");
  if (profile === undefined) throw new Error("nothing is known of the worker");
  return ask.freeAtMs + ask.overheadMs + boundMs(profile, shape);
}
