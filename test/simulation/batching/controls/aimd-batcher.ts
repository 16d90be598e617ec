import type { Batcher } from "../batcher.ts";
import { createFifoBatcher } from "./fifo-batcher.ts";

const backOff = 0.9;

/**
 * Lets batches grow by one as long as they run no longer than their requests allow, and shrinks them by a tenth when one does.
 *
 * Source: Clipper (Crankshaw et al., NSDI 2017).
 */
export function createAimdBatcher(): Batcher {
  let mostItems = 1;
  return createFifoBatcher({
    size: (waiting, { limits }) => Math.min(waiting.length, Math.floor(mostItems), limits.maxItems("m")),
    ended: ({ entries, tookMs }) => {
      const allowedMs = Math.min(...entries.map(({ sentMs, deadlineMs }) => deadlineMs - sentMs));
      if (tookMs > allowedMs) mostItems = Math.max(1, mostItems * backOff);
      else if (entries.length >= Math.floor(mostItems)) mostItems += 1;
    },
  });
}
