import { limitError, type ExceededLimit, type InferenceError } from "@sluice/protocol";
import type { QueueExcess } from "@sluice/scheduling";
import { queueFullRetryMs } from "../settings.ts";
import type { Limited } from "../tenants/limited-by.ts";

/** Why a request that a batch cannot carry is refused. Waiting does not make it smaller. */
export function requestTooLarge(bytes: number, maxRequestBytes: number): InferenceError {
  return limitError(`the request needs up to ${bytes} bytes, expected at most ${maxRequestBytes}`, {
    limit: "maxRequestBytes",
    value: maxRequestBytes,
    actual: bytes,
  });
}

/** Why nobody's request can wait in a pool: that is overload, not the caller's doing. */
export function queueFull(pool: string, exceeded: ExceededLimit): InferenceError {
  const { limit, value } = exceeded;
  return limitError(`the queue of pool "${pool}" is full: ${limit} is ${value}`, {
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
): InferenceError {
  const { maxQueueSeconds: value } = limits;
  const seconds = Math.ceil(queueMs) / 1000;
  const message =
    `the queue of ${of} "${name}" in pool "${pool}" would take ${seconds} s at its fair rate, ` +
    `expected at most ${value} (maxQueueSeconds)`;
  return limitError(message, { limit: "maxQueueSeconds", of, value, actual: seconds, retryAfterMs });
}
