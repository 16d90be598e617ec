import { splitBody } from "./body.ts";
import type { Frame } from "./frame.ts";
import { elementsToJson } from "./json-elements.ts";
import type { Parameters } from "./request.ts";
import type { Tensor } from "./tensor.ts";

const encoder = new TextEncoder();

/**
 * Writes a frame as a response of the Open Inference Protocol, `data` flat, floats that JSON has no word for as "NaN",
 * "Infinity" and "-Infinity". `parameters` holds the timings and the frame's own; a frame of a stream of several has
 * `frame` and `final` there too. A frame with another code than `ok` becomes `{"error", "code"}`, with `id`,
 * `retry_after_ms` and `details` if there are such.
 * @throws {InferenceError} `invalidArgument` when the body does not fit the outputs.
 * Source: Open Inference Protocol, "Inference Response JSON Object".
 */
export function encodeJsonFrame(answer: {
  readonly model: string;
  readonly version: string;
  readonly frame: Frame;
}): Uint8Array {
  const { model, version, frame } = answer;
  if (frame.code !== "ok") return encoder.encode(JSON.stringify(errorDocument(frame)));
  const head = JSON.stringify({
    model_name: model,
    model_version: version,
    ...(frame.id === "" ? {} : { id: frame.id }),
    parameters: responseParameters(frame),
  });
  const outputs = splitBody(frame.outputs, frame.body).map(outputText);
  return encoder.encode(`${head.slice(0, -1)},"outputs":[${outputs.join()}]}`);
}

function errorDocument({
  id,
  code,
  message,
  retryAfterMs,
  details,
}: Frame): Readonly<Record<string, unknown>> {
  return {
    error: message,
    code,
    ...(id === "" ? {} : { id }),
    ...(retryAfterMs === 0 ? {} : { retry_after_ms: retryAfterMs }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
  };
}

function responseParameters({ timings, frame, final, parameters }: Frame): Parameters {
  const isStreamed = frame > 0 || !final;
  return {
    ...parameters,
    queued_ms: timings.queuedMs,
    batch_ms: timings.batchMs,
    transfer_ms: timings.transferMs,
    inference_ms: timings.inferenceMs,
    total_ms: timings.totalMs,
    ...(timings.firstTokenMs === undefined ? {} : { first_token_ms: timings.firstTokenMs }),
    ...(timings.tokenMs === undefined ? {} : { token_ms: timings.tokenMs }),
    ...(isStreamed ? { frame, final } : {}),
  };
}

function outputText(tensor: Tensor): string {
  const { name, datatype, shape } = tensor;
  const layout = JSON.stringify({ name, datatype, shape });
  return `${layout.slice(0, -1)},"data":${elementsToJson(tensor)}}`;
}
