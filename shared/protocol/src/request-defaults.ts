import type { InferenceRequest } from "./request.ts";

/** What every field of a request is when its caller does not say; a pack leaves these out. */
export const requestDefaults: Omit<InferenceRequest, "id" | "inputs" | "body"> = Object.freeze({
  timeoutMs: 0,
  queuedMs: 0,
  stream: false,
  accept: "msgpack",
  outputs: Object.freeze([]),
  parameters: Object.freeze({}),
  metadata: Object.freeze({}),
  items: 1,
  priority: 0,
  attempt: 0,
  fromFrame: 0,
  deterministic: false,
  inputRef: "",
  traceparent: "",
  cost: 0,
  idempotencyKey: "",
});
