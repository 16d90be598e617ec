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
    size: (waiting, _ask, nowMs) => {
      const [first] = waiting;
      const isDue = first !== undefined && nowMs >= first.arrivedMs + timeoutMs;
      return waiting.length >= maxItems || isDue ? Math.min(maxItems, waiting.length) : 0;
    },
  });
}

/** The settings that people begin with. */
export const defaultStatic: StaticSettings = { maxItems: 32, timeoutMs: 5 };

/** The settings that someone might try. */
export const staticGrid: readonly StaticSettings[] = [4, 8, 16, 32, 64].flatMap((maxItems) =>
  [0, 2, 5, 10, 20].map((timeoutMs) => ({ maxItems, timeoutMs })),
);

/** One request at a time. */
export const noBatching: StaticSettings = { maxItems: 1, timeoutMs: 0 };
