import type { BatchingRules, TensorSpec } from "@sluice/protocol";
import type { EngineDescription, FormDescription } from "./model-file.ts";

/** Everything the repository says about one version of one model. */
export interface ModelDescription {
  readonly name: string;
  readonly description: string;
  readonly pool: string;
  /** Number of the version folder, "1" for a model without folders. */
  readonly version: string;
  /** Folder that the model's files are looked up in. */
  readonly folder: string;
  readonly engine: EngineDescription;
  /** How many engines are loaded, each of which runs one batch at a time. */
  readonly instances: number;
  /** Most items in one batch. */
  readonly maxBatchSize: number;
  /** Most items in one request; the worker cuts it where it has more than a batch. */
  readonly maxRequestItems: number;
  /** Most elements in one run, each row padded to the longest; `undefined` where the file says nothing. */
  readonly maxBatchTokens: number | undefined;
  /** How requests wait and are batched; `undefined` where the file says nothing. */
  readonly batching: BatchingRules | undefined;
  /** Time to an answer that the model promises, in milliseconds; `undefined` where it promises none. */
  readonly sloMs: number | undefined;
  /** Ways to call the model beside its raw tensors. */
  readonly forms: readonly NamedForm[];
}

/** A form of model.yaml with its name and its inputs as a list; no inputs: those of the model file. */
export interface NamedForm {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly steps: FormDescription;
}
