import type { RunShape } from "../latency/latency-curve.ts";
import type { QueueEntry } from "../request-queue.ts";

/** What a request is to the planner. */
export type Candidate = Pick<QueueEntry, "items" | "length" | "bytes" | "deadlineMs" | "maxBatchItems">;

/** What holds for a batch of one model on one worker. */
export interface PlanLimits {
  readonly maxItems: number;
  /** Most elements with all rows padded to the longest. */
  readonly maxTokens: number;
  readonly maxBytes: number;
  readonly maxDurationMs: number;
  /** How long a batch of several runs may take. */
  readonly furtherMs: number;
  /** When its run begins, and what passes between its end and the callers having their answers. */
  readonly startMs: number;
  readonly overheadMs: number;
  /** How long a run takes at most; 0 where nothing is known. It must not shrink when items or length grow. */
  boundMs(shape: RunShape): number;
  /** Items of a length that are enough where nobody is in a hurry. */
  enoughItems(length: number): number;
}

/** Several requests together. */
export interface BatchSum {
  readonly items: number;
  /** Of the longest row. */
  readonly length: number;
  readonly bytes: number;
  /** The earliest. */
  readonly deadlineMs: number;
  /** The least of what each may run in. */
  readonly maxBatchItems: number;
}

export const noRequests: BatchSum = {
  items: 0,
  length: 0,
  bytes: 0,
  deadlineMs: Infinity,
  maxBatchItems: Infinity,
};

export function sumWith(
  sum: BatchSum,
  { items, length, bytes, deadlineMs, maxBatchItems }: Candidate,
): BatchSum {
  return {
    items: sum.items + items,
    length: Math.max(sum.length, length),
    bytes: sum.bytes + bytes,
    deadlineMs: Math.min(sum.deadlineMs, deadlineMs),
    maxBatchItems: Math.min(sum.maxBatchItems, maxBatchItems),
  };
}

/** Whether requests that run together are answered too late for one of them. */
export function endsLate(
  sum: BatchSum,
  { startMs, overheadMs, boundMs }: Pick<PlanLimits, "startMs" | "overheadMs" | "boundMs">,
): boolean {
  return sum.deadlineMs !== Infinity && startMs + boundMs(sum) + overheadMs > sum.deadlineMs;
}

/**
 * What keeps requests from running together; `undefined` where nothing does. One alone may have more items, tokens or bytes than a
 * batch.
 */
export function obstacle(sum: BatchSum, limits: PlanLimits): "full" | "cap" | "deadline" | undefined {
  if (sum.items > limits.maxItems) return "full";
  if (sum.items > sum.maxBatchItems || sum.bytes > limits.maxBytes) return "cap";
  if (sum.items * sum.length > limits.maxTokens) return "cap";
  if (endsLate(sum, limits)) return "deadline";
  return limits.boundMs(sum) > limits.maxDurationMs ? "cap" : undefined;
}
