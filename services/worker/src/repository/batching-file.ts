import { batchingDefaults, timeoutActions } from "@sluice/protocol";
import { z } from "zod";

import { count, milliseconds } from "./number-fields.ts";

const maxPreferredSizes = 64;

const flag = z.boolean("expected true or false");

/** The part `batching` of a `model.yaml`: how requests wait and are batched, with the names and meanings of Triton. */
export const batchingFile = z.strictObject({
  preferredBatchSizes: z
    .array(count(), "expected a list of batch sizes")
    .max(maxPreferredSizes, `expected at most ${maxPreferredSizes} batch sizes`)
    .default([])
    .transform((sizes) => [...new Set(sizes)].sort((a, b) => a - b)),
  maxQueueDelayMs: milliseconds.default(batchingDefaults.maxQueueDelayMs),
  preserveOrdering: flag.default(batchingDefaults.preserveOrdering),
  maxQueueSize: z
    .int("expected a whole number of requests")
    .min(0, "expected 0 (no bound) or more")
    .default(batchingDefaults.maxQueueSize),
  defaultQueueTimeoutMs: milliseconds.default(batchingDefaults.defaultQueueTimeoutMs),
  allowTimeoutOverride: flag.default(batchingDefaults.allowTimeoutOverride),
  timeoutAction: z
    .enum(timeoutActions, `expected one of ${timeoutActions.join(", ")}`)
    .default(batchingDefaults.timeoutAction),
});
