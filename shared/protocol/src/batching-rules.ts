import { amount, count, fields, flag, listOf, numberFrom, oneOf } from "./fields.ts";

/** What becomes of a request that has waited for its queue timeout: it is refused, or goes behind the others. */
export const timeoutActions = ["reject", "delay"] as const;
export type TimeoutAction = (typeof timeoutActions)[number];

/**
 * How the requests of a model wait and are batched, where its operator says more than the planner finds out by itself.
 * Source: Triton Inference Server, `ModelDynamicBatching` and `ModelQueuePolicy` of `model_config.proto`.
 */
export interface BatchingRules {
  /** Batch sizes that are sent at once when they can be formed, ascending; empty = only `maxBatchSize` is. */
  readonly preferredBatchSizes: readonly number[];
  /** How long a request waits at most for a batch of a preferred size, in milliseconds; 0 = not at all. */
  readonly maxQueueDelayMs: number;
  /** Whether the answers leave in the order in which the requests came. */
  readonly preserveOrdering: boolean;
  /** Most requests of the model that wait; 0 = no bound of its own. */
  readonly maxQueueSize: number;
  /** How long a request waits before {@link BatchingRules.timeoutAction}, in milliseconds; 0 = no queue timeout. */
  readonly defaultQueueTimeoutMs: number;
  /** Whether a request may shorten the queue timeout. */
  readonly allowTimeoutOverride: boolean;
  readonly timeoutAction: TimeoutAction;
}

/** Those of a model that says nothing. */
export const batchingDefaults: BatchingRules = Object.freeze({
  preferredBatchSizes: Object.freeze([]),
  maxQueueDelayMs: 0,
  preserveOrdering: false,
  maxQueueSize: 0,
  defaultQueueTimeoutMs: 0,
  allowTimeoutOverride: false,
  timeoutAction: "reject",
});

const maxPreferredSizes = 64;
const sizes = listOf(numberFrom(1, Number.MAX_SAFE_INTEGER), maxPreferredSizes);
const timeoutAction = oneOf<TimeoutAction>(timeoutActions);

/** @throws {InferenceError} `invalidArgument` for anything but {@link BatchingRules}. */
export function readBatchingRules(value: unknown, name: string): BatchingRules {
  const rules = fields(value, name);
  return {
    preferredBatchSizes: sizes(rules["preferredBatchSizes"], "preferredBatchSizes"),
    maxQueueDelayMs: amount(rules["maxQueueDelayMs"], "maxQueueDelayMs"),
    preserveOrdering: flag(rules["preserveOrdering"], "preserveOrdering"),
    maxQueueSize: count(rules["maxQueueSize"], "maxQueueSize"),
    defaultQueueTimeoutMs: amount(rules["defaultQueueTimeoutMs"], "defaultQueueTimeoutMs"),
    allowTimeoutOverride: flag(rules["allowTimeoutOverride"], "allowTimeoutOverride"),
    timeoutAction: timeoutAction(rules["timeoutAction"], "timeoutAction"),
  };
}
