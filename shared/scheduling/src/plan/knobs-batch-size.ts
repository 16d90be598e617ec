import type { BatchingRules } from "@sluice/protocol";

/** What waits of a model. */
export interface WaitingItems {
  readonly items: number;
  /** Whether one of them has waited for as long as it may for a batch of a preferred size. */
  readonly isDue: boolean;
  readonly maxBatchSize: number;
}

/**
 * The most items that a batch of a model may have now; 0 = it waits for more of them. A preferred size is sent as soon as it can
 * be formed, the largest one first; what is due takes along all that fits; and without a delay nothing waits.
 * Source: Triton Inference Server, `DynamicBatchScheduler::GetDynamicBatch`.
 */
export function batchSizeNow(
  { preferredBatchSizes, maxQueueDelayMs }: Pick<BatchingRules, "preferredBatchSizes" | "maxQueueDelayMs">,
  { items, isDue, maxBatchSize }: WaitingItems,
): number {
  const preferred = preferredBatchSizes.findLast((size) => size <= items);
  if (!isDue && preferred !== undefined) return preferred;
  return isDue || maxQueueDelayMs === 0 || items >= maxBatchSize ? maxBatchSize : 0;
}
