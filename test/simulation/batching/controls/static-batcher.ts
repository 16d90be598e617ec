import type { Batcher } from "../batcher.ts";
import { createFifoBatcher } from "./fifo-batcher.ts";

/** Two numbers that someone has to choose. */
export interface StaticSettings {
  readonly maxItems: number;
  readonly timeoutMs: number;
}

/** What inference servers do: a batch leaves once it is full or its first request has waited so long. */
export function createStaticBatcher({ maxItems, timeoutMs }: StaticSettings): Batcher {
  return createFifoBatcher({
    timeoutMs,
    size: (waiting, { limits }, nowMs) => {
      const [first] = waiting;
      const isDue = first !== undefined && nowMs >= first.arrivedMs + timeoutMs;
      const mostItems = Math.min(maxItems, limits.maxItems("m"));
      return waiting.length >= mostItems || isDue ? Math.min(mostItems, waiting.length) : 0;
    },
  });
}

/** The settings that people begin with. */
export const defaultStatic: StaticSettings = { maxItems: 32, timeoutMs: 5 };

/** The settings that someone might try; more items than the engine takes count as many as it takes. */
export const staticGrid: readonly StaticSettings[] = [64, 32, 16, 8, 4].flatMap((maxItems) =>
  [0, 2, 5, 10, 20].map((timeoutMs) => ({ maxItems, timeoutMs })),
);

/** One request at a time. */
export const noBatching: StaticSettings = { maxItems: 1, timeoutMs: 0 };
