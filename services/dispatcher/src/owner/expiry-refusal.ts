import { createRefusal, limitRefusal, type BatchingRules, type Refusal } from "@sluice/protocol";
import { queueTimeoutMs } from "@sluice/scheduling";
import { queuedMs, type OpenRequest } from "./open-request.ts";

/** Why a request is not served that waited too long: for its whole timeout, or for as long as its model lets requests wait. */
export function expiryRefusal(
  request: OpenRequest,
  rulesOf: (model: string) => BatchingRules | undefined,
  nowMs: number,
): Refusal {
  const { timeoutMs, deadlineMs, model } = request;
  const rules = rulesOf(model);
  if (deadlineMs <= nowMs || rules === undefined) {
    return createRefusal("deadlineExceeded", `the request waited for its whole timeout of ${timeoutMs} ms`);
  }
  const value = queueTimeoutMs(rules, request.queueTimeoutMs);
  const message = `the request waited in the queue of model "${model}" for its whole queue timeout of ${value} ms`;
  return limitRefusal(message, {
    code: "deadlineExceeded",
    limit: "defaultQueueTimeoutMs",
    value,
    actual: Math.ceil(queuedMs(request, nowMs)),
  });
}
