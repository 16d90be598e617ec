import { readBatchingRules } from "./batching-rules.ts";
import { isDatatype } from "./datatype.ts";
import {
  amount,
  count,
  fields,
  finite,
  flag,
  listOf,
  numberFrom,
  oneOf,
  positive,
  text,
  token,
  wholeNumber,
  wrongField,
} from "./fields.ts";
import { maxParameters, maxRank, maxTensors } from "./limits.ts";
import type { ModelLatency, WorkerProfile } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import type { ModelSignature, ParameterSpec, SignatureForm, TensorSpec } from "./signature.ts";

export function encodeWorkerProfile({ worker, device, models, latencies }: WorkerProfile): Uint8Array {
  return toMsgpack({ worker, device, models, ...(latencies.length === 0 ? {} : { latencies }) });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link WorkerProfile}. */
export function decodeWorkerProfile(bytes: Uint8Array): WorkerProfile {
  const message = fields(fromMsgpack(bytes), "worker profile");
  return {
    worker: token(message["worker"], "worker"),
    device: text(message["device"], "device"),
    models: signatures(message["models"], "models"),
    latencies: latencies(message["latencies"] ?? [], "latencies"),
  };
}

const axis = wholeNumber(-1, Number.MAX_SAFE_INTEGER);
const specShape = listOf(axis, maxRank);
const tensorSpecs = listOf(readTensorSpec, maxTensors);
const forms = listOf(readForm);
const parameterType = oneOf<ParameterSpec["type"]>(["string", "number", "boolean"]);
const parameterSpecs = listOf(readParameterSpec, maxParameters);

const latencies = listOf(modelLatency);
const margin = numberFrom(1, 2);

/** Checks a list of signatures. */
export const signatures = listOf(readSignature);

/** Checks how long a model takes on a worker. */
export function modelLatency(value: unknown, name: string): ModelLatency {
  const latency = fields(value, name);
  const { maxTextLength } = latency;
  return {
    model: token(latency["model"], "model"),
    curve: readCurve(latency["curve"], "curve"),
    margin: margin(latency["margin"], "margin"),
    drift: positive(latency["drift"], "drift"),
    elementsPerByte: amount(latency["elementsPerByte"], "elementsPerByte"),
    ...(maxTextLength === undefined ? {} : { maxTextLength: count(maxTextLength, "maxTextLength") }),
  };
}

/** Checks what a model takes and gives. */
export function readSignature(value: unknown, name: string): ModelSignature {
  const signature = fields(value, name);
  const { maxRequestItems, maxBatchTokens, sloMs, batching } = signature;
  return {
    name: token(signature["name"], "name"),
    version: text(signature["version"], "version"),
    forms: forms(signature["forms"], "forms"),
    parameters: parameterSpecs(signature["parameters"], "parameters"),
    hasBatchAxis: flag(signature["hasBatchAxis"], "hasBatchAxis"),
    maxBatchSize: count(signature["maxBatchSize"], "maxBatchSize"),
    ...(maxRequestItems === undefined ? {} : { maxRequestItems: count(maxRequestItems, "maxRequestItems") }),
    ...(maxBatchTokens === undefined ? {} : { maxBatchTokens: count(maxBatchTokens, "maxBatchTokens") }),
    isIterative: flag(signature["isIterative"], "isIterative"),
    ...(sloMs === undefined ? {} : { sloMs: positive(sloMs, "sloMs") }),
    ...(batching === undefined ? {} : { batching: readBatchingRules(batching, "batching") }),
  };
}

function readCurve(value: unknown, name: string): ModelLatency["curve"] {
  const curve = fields(value, name);
  const fixedMs = amount(curve["fixedMs"], "fixedMs");
  const perElementMs = amount(curve["perElementMs"], "perElementMs");
  const perPairMs = amount(curve["perPairMs"], "perPairMs");
  if (fixedMs + perElementMs + perPairMs === 0) throw wrongField(name, value, "a curve above 0");
  return { fixedMs, perElementMs, perPairMs };
}

function readForm(value: unknown, name: string): SignatureForm {
  const form = fields(value, name);
  return {
    name: text(form["name"], "name"),
    inputs: tensorSpecs(form["inputs"], "inputs"),
    outputs: tensorSpecs(form["outputs"], "outputs"),
  };
}

function readTensorSpec(value: unknown, name: string): TensorSpec {
  const spec = fields(value, name);
  const datatype = spec["datatype"];
  if (!isDatatype(datatype)) throw wrongField("datatype", datatype, "a datatype");
  return { name: text(spec["name"], "name"), datatype, shape: specShape(spec["shape"], "shape") };
}

function readParameterSpec(value: unknown, name: string): ParameterSpec {
  const spec = fields(value, name);
  const minimum = spec["minimum"];
  const maximum = spec["maximum"];
  return {
    name: text(spec["name"], "name"),
    type: parameterType(spec["type"], "type"),
    ...(minimum === undefined ? {} : { minimum: finite(minimum, "minimum") }),
    ...(maximum === undefined ? {} : { maximum: finite(maximum, "maximum") }),
  };
}
