import { requestDefaults, type InferenceRequest } from "@sluice/protocol";
import type { RequestOptions } from "./call-options.ts";

/** A request as it is sent: every try gives it a new id, every send its times. */
export type OutgoingRequest = Omit<InferenceRequest, "id" | "queuedMs" | "timeoutMs"> & {
  id: string;
  queuedMs: number;
  /** Without what its call is on its way. */
  timeoutMs: number;
};

/** Makes a request that has no id yet. Field by field: a spread of this many fields takes microseconds on Node 20. */
export function createRequest(
  options: RequestOptions,
  { stream, inputs, body }: Pick<InferenceRequest, "stream" | "inputs" | "body">,
): OutgoingRequest {
  return {
    id: "",
    timeoutMs: options.timeoutMs,
    queuedMs: 0,
    stream,
    accept: requestDefaults.accept,
    inputs,
    body,
    outputs: options.outputs,
    parameters: options.parameters,
    metadata: options.metadata,
    items: requestDefaults.items,
    priority: options.priority,
    queueTimeoutMs: options.queueTimeoutMs,
    attempt: requestDefaults.attempt,
    fromFrame: requestDefaults.fromFrame,
    deterministic: requestDefaults.deterministic,
    inputRef: requestDefaults.inputRef,
    traceparent: options.traceparent,
    cost: requestDefaults.cost,
    idempotencyKey: requestDefaults.idempotencyKey,
  };
}
