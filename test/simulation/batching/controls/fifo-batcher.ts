import type { BatchAsk } from "@sluice/scheduling";
import type { SimulatedRequest } from "../../request.ts";
import type { Batcher, EndedBatch } from "../batcher.ts";

/** What a batcher that serves first in, first out decides. */
export interface FifoRule {
  /** How many of the first that wait run now; 0 = none yet. `waiting` is never empty. */
  readonly size: (waiting: readonly SimulatedRequest[], ask: BatchAsk, nowMs: number) => number;
  /** Whether to give up a request that could be in the next batch. Unless told, those whose deadline has passed. */
  readonly isHopeless?: (request: SimulatedRequest, ask: BatchAsk, nowMs: number) => boolean;
  /** How long the first may wait before `size` is asked again. */
  readonly timeoutMs?: number;
  readonly ended?: (batch: EndedBatch) => void;
}

/** Creates a batcher of one queue, first in, first out. All requests must allow the same time. */
export function createFifoBatcher({ size, isHopeless = isLate, timeoutMs, ended }: FifoRule): Batcher {
  const waiting: SimulatedRequest[] = [];
  return {
    add: (request) => {
      waiting.push(request);
    },
    next: (ask, nowMs) => {
      const hopeful = waiting.findIndex((request) => !isHopeless(request, ask, nowMs));
      const late = waiting.splice(0, hopeful === -1 ? waiting.length : hopeful);
      const count = waiting.length === 0 ? 0 : size(waiting, ask, nowMs);
      return { entries: waiting.splice(0, count), reason: "noMore", predictedMs: 0, late, givenUp: [] };
    },
    nextDueMs: () => {
      const [first] = waiting;
      return first === undefined || timeoutMs === undefined ? Infinity : first.arrivedMs + timeoutMs;
    },
    ended: (batch) => ended?.(batch),
    forget: () => undefined,
  };
}

function isLate({ deadlineMs }: SimulatedRequest, _ask: BatchAsk, nowMs: number): boolean {
  return deadlineMs <= nowMs;
}
