import { bodyBytes } from "./body.ts";
import type { ErrorDetails } from "./error.ts";
import type { Frame } from "./frame.ts";
import type { AdmittedRequest, InferenceRequest } from "./request.ts";
import type { TensorLayout } from "./tensor.ts";

/** Most bytes of a number in msgpack. */
const numberBytes = 9;
/** Most bytes of the length before a msgpack string, list or map. */
const lengthBytes = 5;
/** Most bytes of UTF-8 for one UTF-16 unit of a string. */
const unitBytes = 3;

/** Numbers of a request: nine of its own, its place among the layouts, its body length; two flags. */
const requestNumbersBytes = 12 * numberBytes;
/** Numbers of a frame: four and five timings of its own, its place among the layouts, its body length; a flag. */
const frameNumbersBytes = 12 * numberBytes;

/** Upper bound of the bytes that a request adds to a pack, whatever the other rows are. */
export function requestBytes(
  request: InferenceRequest & Partial<Pick<AdmittedRequest, "tenant" | "reply">>,
): number {
  return (
    requestNumbersBytes +
    textBytes(request.id) +
    textBytes(request.tenant ?? "") +
    textBytes(request.reply ?? "") +
    textBytes(request.accept) +
    textBytes(request.inputRef) +
    textBytes(request.traceparent) +
    textBytes(request.idempotencyKey) +
    layoutsBytes(request.inputs) +
    listBytes(request.outputs) +
    mapBytes(request.parameters) +
    mapBytes(request.metadata) +
    bodyBytes(request.body)
  );
}

/** Upper bound of the bytes that a frame adds to a pack, whatever the other rows are. */
export function frameBytes(frame: Frame): number {
  return (
    frameNumbersBytes +
    textBytes(frame.id) +
    textBytes(frame.tenant) +
    textBytes(frame.reply) +
    textBytes(frame.accept) +
    textBytes(frame.code) +
    textBytes(frame.message) +
    layoutsBytes(frame.outputs) +
    mapBytes(frame.details) +
    mapBytes(frame.parameters) +
    bodyBytes(frame.body)
  );
}

function textBytes(text: string): number {
  return lengthBytes + unitBytes * text.length;
}

function listBytes(texts: readonly string[]): number {
  let total = lengthBytes;
  for (const text of texts) total += textBytes(text);
  return total;
}

function mapBytes(map: ErrorDetails): number {
  let total = lengthBytes;
  for (const key in map) total += textBytes(key) + valueBytes(map[key]);
  return total;
}

function valueBytes(value: ErrorDetails[string] | undefined): number {
  if (typeof value === "string") return textBytes(value);
  return typeof value === "object" ? listBytes(value) : numberBytes;
}

function layoutsBytes(layouts: readonly TensorLayout[]): number {
  let total = lengthBytes;
  for (const { name, datatype, shape } of layouts) {
    total += lengthBytes + textBytes(name) + textBytes(datatype) + numberBytes * shape.length;
  }
  return total;
}
