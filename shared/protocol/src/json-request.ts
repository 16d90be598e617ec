import { elementCount, largestFloat } from "./datatype.ts";
import { InferenceError } from "./error.ts";
import {
  amount,
  describe,
  fields,
  flag,
  listOf,
  parameters,
  shorten,
  text,
  token,
  wrongField,
  type Fields,
} from "./fields.ts";
import { elementsToBytes } from "./json-elements.ts";
import { parseJson } from "./json.ts";
import { checkLayout } from "./layouts.ts";
import { maxTensors } from "./limits.ts";
import type { InferenceRequest } from "./request.ts";
import { requestDefaults } from "./requests.ts";
import { checkPriority } from "./request-rows.ts";
import type { Tensor } from "./tensor.ts";

const openingBrace = 0x7b;
const whitespace: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Tells whether a payload is a JSON document: no pack starts with `{`, not even after spaces. */
export function isJsonPayload(bytes: Uint8Array): boolean {
  let index = 0;
  while (whitespace.has(bytes[index])) index++;
  return bytes[index] === openingBrace;
}

/**
 * Reads a request in the form of the Open Inference Protocol, `data` nested or flat. Of `parameters`, `timeout_ms`,
 * `queue_timeout_ms`, `priority` and `stream` are fields of the request, the others go to the model. Floats may be "NaN", "Infinity" and
 * "-Infinity"; 64-bit integers beyond 2^53 must be strings of digits, because a JSON reader would round the number.
 * @returns `id` is "" when the document has none; the answer is asked for as JSON.
 * @throws {InferenceError} `invalidArgument` that names what is wrong and what was expected.
 * Source: Open Inference Protocol, "Inference Request JSON Object".
 */
export function decodeJsonRequest(bytes: Uint8Array): InferenceRequest {
  const document = fields(parseJson(bytes), "request");
  const { id, inputs, outputs } = document;
  const readInputs = listOf((value, name) => readInput(fields(value, name), bytes.byteLength), maxTensors);
  const tensors = readInputs(inputs, "inputs");
  return {
    ...requestDefaults,
    id: id === undefined || id === "" ? "" : token(id, "id"),
    accept: "json",
    inputs: tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    body: tensors.map((tensor) => tensor.bytes),
    outputs: outputs === undefined ? requestDefaults.outputs : outputNames(outputs, "outputs"),
    ...readParameters(parameters(document["parameters"] ?? {}, "parameters")),
  };
}

const outputNames = listOf((value, name) => text(fields(value, name)["name"], "output name"), maxTensors);

function readParameters(
  all: InferenceRequest["parameters"],
): Pick<InferenceRequest, "timeoutMs" | "queueTimeoutMs" | "priority" | "stream" | "parameters"> {
  const { timeout_ms: timeoutMs, queue_timeout_ms: queueTimeoutMs, priority, stream, ...own } = all;
  return {
    timeoutMs: timeoutMs === undefined ? requestDefaults.timeoutMs : amount(timeoutMs, "timeout_ms"),
    queueTimeoutMs:
      queueTimeoutMs === undefined
        ? requestDefaults.queueTimeoutMs
        : amount(queueTimeoutMs, "queue_timeout_ms"),
    priority: priority === undefined ? requestDefaults.priority : checkPriority(priority, "priority"),
    stream: stream === undefined ? requestDefaults.stream : flag(stream, "stream"),
    parameters: own,
  };
}

function readInput(input: Fields, documentBytes: number): Tensor {
  const name = text(input["name"], "input name");
  const layout = checkLayout({ name, datatype: input["datatype"], shape: input["shape"] });
  const { shape } = layout;
  const data = input["data"];
  if (!Array.isArray(data)) throw wrongField(`data of input ${shorten(name)}`, data, "a list");
  // Each element takes a character of the document, so a larger claim is false and nothing is allocated for it.
  const count = elementCount(shape);
  if (count > documentBytes) throw wrongCount(name, data, shape);
  const flat = isNested(data) ? flatten(name, data, shape) : data;
  if (flat.length !== count) throw wrongCount(name, flat, shape);
  // What `JSON.parse` makes of a number that no double holds; who means infinity writes it as a string.
  const overflown = flat.findIndex((element) => element === Infinity || element === -Infinity);
  if (overflown !== -1) throw beyondDoubles(name, overflown);
  return { ...layout, bytes: elementsToBytes(layout, flat) };
}

function wrongCount(name: string, data: readonly unknown[], shape: readonly number[]): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `input ${describe(name)} has ${data.length} elements, expected ${elementCount(shape)} for shape [${shape.join()}]`,
  );
}

function beyondDoubles(name: string, index: number): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `element ${index} of input ${describe(name)} is beyond ${largestFloat.FP64}, expected a smaller number, or "Infinity"`,
  );
}

function isNested(data: readonly unknown[]): boolean {
  return Array.isArray(data[0]);
}

/** Puts the elements of nested lists into row-major order; every list must be as long as its axis. */
function flatten(name: string, data: readonly unknown[], shape: readonly number[]): readonly unknown[] {
  let level: readonly unknown[] = [data];
  for (const [axis, size] of shape.entries()) {
    level = level.flatMap((list) => {
      if (Array.isArray(list) && list.length === size) return list;
      throw new InferenceError(
        "invalidArgument",
        `data of input ${describe(name)} has ${describe(list)} at axis ${axis}, expected a list of ${size}`,
      );
    });
  }
  return level;
}
