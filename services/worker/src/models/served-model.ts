import type { Engine } from "@sluice/engine";
import type { ModelSignature, TensorSpec } from "@sluice/protocol";

import type { Generation } from "../generate/generation.ts";
import type { TextStep } from "../steps/text-step.ts";
import type { TopLabels } from "../steps/top-labels.ts";

/** One way to call a loaded model. */
export type ServedForm =
  | { readonly kind: "tensors"; readonly name: string; readonly inputs: readonly TensorSpec[] }
  | {
      readonly kind: "text";
      readonly name: string;
      readonly step: TextStep;
      /** Absent: the engine's outputs are the form's. */
      readonly topLabels: TopLabels | undefined;
    };

/** A model that is loaded and can run. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  /** What callers may ask of it. */
  readonly signature: ModelSignature;
  /** The forms of the signature, with what runs them; by name. Empty for a model that generates. */
  readonly forms: ReadonlyMap<string, ServedForm>;
  /** How it generates text step by step; absent for a model that answers in one run. */
  readonly generation: Generation | undefined;
  /** Its instances; each runs one batch at a time. */
  readonly engines: readonly Engine[];
}
