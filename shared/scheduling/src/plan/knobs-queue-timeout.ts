import type { BatchingRules } from "@sluice/protocol";

type QueueTimeoutRules = Pick<BatchingRules, "defaultQueueTimeoutMs" | "allowTimeoutOverride">;

/**
 * How long a request may wait before its model's `timeoutAction`, in milliseconds; Infinity = as long as it has time at all. A
 * request may shorten the time of its model where the model allows that, and never prolong it.
 * @param requestedMs what the request says; 0 = nothing.
 * Source: Triton Inference Server, `ModelQueuePolicy`.
 */
export function queueTimeoutMs(
  { defaultQueueTimeoutMs, allowTimeoutOverride }: QueueTimeoutRules,
  requestedMs: number,
): number {
  const modelMs = defaultQueueTimeoutMs || Infinity;
  const ownMs = (allowTimeoutOverride && requestedMs) || Infinity;
  return Math.min(modelMs, ownMs);
}
