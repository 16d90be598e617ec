import type { BatchingRules } from "./batching-rules.ts";
import type { Datatype } from "./tensor.ts";

/** One input or output that a model declares; -1 in `shape` stands for any size. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** Outermost first; where the model has a batch axis it is the first and reads -1. */
  readonly shape: readonly number[];
}

/** One way to call a model: a set of input names with the outputs they give. */
export interface SignatureForm {
  /** `tensors` (as the model file declares) or `text`, … (what a declared preprocessing step accepts). */
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** A scalar request parameter that a model understands. */
export interface ParameterSpec {
  readonly name: string;
  readonly type: "string" | "number" | "boolean";
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Everything the owner needs to check a request for a model before it is queued. Published by workers. */
export interface ModelSignature {
  readonly name: string;
  readonly version: string;
  readonly forms: readonly SignatureForm[];
  readonly parameters: readonly ParameterSpec[];
  /** Whether requests can be joined along the first axis; without one every request runs alone. */
  readonly hasBatchAxis: boolean;
  /** Most items (rows along the batch axis) in one batch of several requests, at least 1. */
  readonly maxBatchSize: number;
  /** Most items in one request, which is a batch by itself when they are more than `maxBatchSize`; absent: `maxBatchSize`. */
  readonly maxRequestItems?: number;
  /** Most elements in one run of the engine, each row padded to the longest; a request that cannot be cut may have more; absent: no bound. */
  readonly maxBatchTokens?: number;
  /** Whether the model answers a streamed request with more than one frame. */
  readonly isIterative: boolean;
  /** Time from a call to its answer that the model promises, in milliseconds: the timeout of calls without one; absent: none. */
  readonly sloMs?: number;
  /** Absent: none, see {@link batchingDefaults}. */
  readonly batching?: BatchingRules;
}

/** What {@link checkRequest} found: which form was used and how many items the request brings. */
export interface CheckedRequest {
  readonly form: SignatureForm;
  readonly items: number;
}
