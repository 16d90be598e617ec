import { limitRefusal, type ExceededLimit, type Refusal } from "@sluice/protocol";
import type { Lateness, QueueExcess } from "@sluice/scheduling";
import { leastRetryMs, queueFullRetryMs } from "../settings.ts";
import { queuedMs, type OpenRequest } from "./open-request.ts";
import type { Limited } from "../tenants/limited-by.ts";

/** Why a request that a batch cannot carry is refused. Waiting does not make it smaller. */
export function requestTooLarge(bytes: number, maxRequestBytes: number): Refusal {
  return limitRefusal(`the request needs up to ${bytes} bytes, expected at most ${maxRequestBytes}`, {
    limit: "maxRequestBytes",
    value: maxRequestBytes,
    actual: bytes,
  });
}

/** Why nobody's request can wait in a pool: that is overload, not the caller's doing. */
export function queueFull(pool: string, exceeded: ExceededLimit): Refusal {
  const { limit, value } = exceeded;
  return limitRefusal(`the queue of pool "${pool}" is full: ${limit} is ${value}`, {
    ...exceeded,
    code: "unavailable",
    retryAfterMs: queueFullRetryMs,
  });
}

/** Why no more requests of a tenant, or of a group, may wait in a pool. */
export function queueTooLong(
  pool: string,
  { of, name, limits }: Limited,
  { queueMs, retryAfterMs }: QueueExcess,
): Refusal {
  const { maxQueueSeconds: value } = limits;
  const seconds = Math.ceil(queueMs) / 1000;
  const message =
    `the queue of ${of} "${name}" in pool "${pool}" would take ${seconds} s at its fair rate, ` +
    `expected at most ${value} (maxQueueSeconds)`;
  return limitRefusal(message, { limit: "maxQueueSeconds", of, value, actual: seconds, retryAfterMs });
}

/**
 * Why a request is not let in that would end too late. It may be sent again with its whole timeout once so much of what stands
 * before it has run that this is enough.
 */
export function turnTooLate(request: OpenRequest, { waitMs, lateMs }: Lateness, nowMs: number): Refusal {
  const { timeoutMs, model, tenant } = request;
  const spentMs = queuedMs(request, nowMs);
  const message =
    `the request would wait about ${Math.ceil(waitMs)} ms behind others of tenant "${tenant}" for model "${model}" ` +
    `and has ${Math.floor(timeoutMs - spentMs)} ms left`;
  return limitRefusal(message, {
    code: "deadlineExceeded",
    limit: "timeoutMs",
    value: timeoutMs,
    actual: Math.ceil(timeoutMs + lateMs),
    retryAfterMs: Math.max(leastRetryMs, Math.ceil(lateMs - spentMs)),
  });
}
