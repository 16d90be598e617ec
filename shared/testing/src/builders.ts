import {
  type AdmittedRequest,
  type Frame,
  type InferenceRequest,
  type ModelSignature,
  requestDefaults,
  type TensorLayout,
} from "@sluice/protocol";

/** One row of two floats, the input `x` of {@link aSignature}. */
const layout: TensorLayout = { name: "x", datatype: "FP32", shape: [1, 2] };

function aBody(): readonly Uint8Array[] {
  return [new Uint8Array(new Float32Array([1, 2]).buffer)];
}

/** A valid request for {@link aSignature}: one item, `x = [[1, 2]]`, a second to answer it. */
export function aRequest(fields: Partial<InferenceRequest> = {}): InferenceRequest {
  return {
    ...requestDefaults,
    id: "request-1",
    timeoutMs: 1_000,
    inputs: [layout],
    body: aBody(),
    ...fields,
  };
}

/** {@link aRequest} once the owner has admitted it for tenant `acme`. */
export function anAdmittedRequest(fields: Partial<AdmittedRequest> = {}): AdmittedRequest {
  return { ...aRequest(), tenant: "acme", reply: "_INBOX.caller.1", ...fields };
}

/** The final frame of a request that was answered `y = [[1, 2]]`. */
export function aFrame(fields: Partial<Frame> = {}): Frame {
  return {
    id: "request-1",
    tenant: "acme",
    reply: "_INBOX.caller.1",
    accept: "msgpack",
    epoch: 1,
    attempt: 0,
    frame: 0,
    final: true,
    code: "ok",
    message: "",
    details: {},
    retryAfterMs: 0,
    timings: { queuedMs: 0, batchMs: 0, transferMs: 0, inferenceMs: 0, totalMs: 0 },
    outputs: [{ ...layout, name: "y" }],
    body: aBody(),
    parameters: {},
    ...fields,
  };
}

/** Model `echo`: takes `x` and answers `y`, both rows of two floats; joins up to 8 items. */
export function aSignature(fields: Partial<ModelSignature> = {}): ModelSignature {
  return {
    name: "echo",
    version: "1",
    forms: [
      {
        name: "tensors",
        inputs: [{ name: "x", datatype: "FP32", shape: [-1, 2] }],
        outputs: [{ name: "y", datatype: "FP32", shape: [-1, 2] }],
      },
    ],
    parameters: [],
    hasBatchAxis: true,
    maxBatchSize: 8,
    isIterative: false,
    ...fields,
  };
}
