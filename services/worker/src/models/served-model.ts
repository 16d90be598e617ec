import type { Engine } from "@sluice/engine";
import type { ModelSignature, TensorSpec } from "@sluice/protocol";

import type { Generation } from "../generate/generation.ts";
import type { LatencyTracker } from "../latency/latency-tracker.ts";
import type { ResultStep } from "../steps/result-step.ts";
import type { TextStep } from "../steps/text-step.ts";

/** A form that takes the engine's own tensors. */
export interface TensorForm {
  readonly kind: "tensors";
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  /** Absent: the engine's outputs are the form's. */
  readonly postprocess: ResultStep | undefined;
}

/** A form that takes texts. */
export interface TextForm {
  readonly kind: "text";
  readonly name: string;
  readonly step: TextStep;
  /** Absent: the engine's outputs are the form's. */
  readonly postprocess: ResultStep | undefined;
  /** Whether results have the same shape whatever length their run is padded to, so that the texts of a request may run apart. */
  readonly isRowWise: boolean;
}

/** One way to call a loaded model. */
export type ServedForm = TensorForm | TextForm;

/** A model that is loaded and can run. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  /** What callers may ask of it. */
  readonly signature: ModelSignature;
  /** The forms of the signature, with what runs them; by name. Empty for a model that generates. */
  readonly forms: ReadonlyMap<string, ServedForm>;
  /** Rows that every run must have; `undefined` where any number up to the signature's `maxBatchSize` may run. */
  readonly fixedBatchSize: number | undefined;
  /** How it generates text step by step; absent for a model that answers in one run. */
  readonly generation: Generation | undefined;
  /** Its instances; each runs one batch at a time. */
  readonly engines: readonly Engine[];
  /** How long its runs take, on whichever instance. */
  readonly latency: LatencyTracker;
}

/** A model before anything is known of its runs. */
export type LoadedModel = Omit<ServedModel, "latency">;
