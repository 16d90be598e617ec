import { createRefusal, type Refusal } from "@sluice/protocol";
import { noWorkerRetryMs } from "../settings.ts";

/** Why requests for a model are not taken, or no longer kept, that no worker has ready. */
export function noWorker(model: string): Refusal {
  return createRefusal("unavailable", `model "${model}" has no worker now`, {
    retryAfterMs: noWorkerRetryMs,
  });
}
