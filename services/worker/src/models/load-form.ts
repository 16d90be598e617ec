import type { EngineSignature } from "@sluice/engine";
import type { ParameterSpec, SignatureForm, TensorSpec } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { NamedForm } from "../repository/model-description.ts";
import { loadTextStep, loadTopLabels } from "../steps/load-steps.ts";
import type { TextStep } from "../steps/text-step.ts";
import type { TopLabels } from "../steps/top-labels.ts";
import { topKParameter } from "../steps/top-labels.ts";
import type { ServedForm } from "./served-model.ts";

/** A form as callers see it and as it is run. */
export interface LoadedForm {
  readonly declared: SignatureForm;
  readonly served: ServedForm;
  readonly parameters: readonly ParameterSpec[];
}

/** Name of the form that takes the engine's own tensors. */
const tensorFormName = "tensors";

/** The form that every model has: what its file declares. */
export function tensorForm({ inputs, outputs }: EngineSignature): LoadedForm {
  return {
    declared: { name: tensorFormName, inputs, outputs },
    served: { kind: "tensors", name: tensorFormName, inputs },
    parameters: [],
  };
}

/**
 * Loads a declared form and checks it against the engine.
 * @throws {InferenceError} `notFound` or `invalidArgument` when a file or a name does not fit.
 */
export async function loadForm(
  form: NamedForm,
  { signature, folder }: { readonly signature: EngineSignature; readonly folder: string },
): Promise<LoadedForm> {
  const { preprocess, postprocess } = form.steps;
  if (preprocess === undefined) throw wrongForm(form, "has no preprocessing step");
  if (!signature.hasBatchAxis) throw wrongForm(form, "needs a model with a batch axis");
  const step = await loadTextStep(preprocess, folder);
  checkStep(form, { step, signature });
  const topLabels = postprocess === undefined ? undefined : await loadTopLabels(postprocess, folder);
  if (topLabels !== undefined) checkTopLabels(form, { topLabels, signature });
  return {
    declared: {
      name: form.name,
      inputs: form.inputs,
      outputs: postprocess === undefined ? signature.outputs : labelOutputs(postprocess.topLabels),
    },
    served: { kind: "text", name: form.name, step, topLabels },
    parameters:
      topLabels === undefined
        ? []
        : [{ name: topKParameter, type: "number", minimum: 1, maximum: topLabels.labelCount }],
  };
}

type TopLabelsDescription = NonNullable<NamedForm["steps"]["postprocess"]>["topLabels"];

/** Label and score, as a request gets them that does not ask for another number. */
function labelOutputs({ count, outputs }: TopLabelsDescription): TensorSpec[] {
  const shape = count === 1 ? [-1] : [-1, count];
  return [
    { name: outputs.label, datatype: "BYTES", shape },
    { name: outputs.score, datatype: "FP32", shape },
  ];
}

function checkStep(
  form: NamedForm,
  { step, signature }: { readonly step: TextStep; readonly signature: EngineSignature },
): void {
  const [input, ...more] = form.inputs;
  const isFed = input?.name === step.input && input.datatype === "BYTES" && input.shape.length === 1;
  if (!isFed || more.length > 0) throw wrongForm(form, `takes exactly one input "${step.input}", BYTES [-1]`);
  const [target, ...others] = signature.inputs;
  if (target === undefined || target.name !== step.output || others.length > 0) {
    throw wrongForm(form, `fills "${step.output}", but the model takes ${namesOf(signature.inputs)}`);
  }
  const row = step.joinRows([step.prepareRow("")]);
  if (row.datatype !== target.datatype) {
    throw wrongForm(
      form,
      `fills "${step.output}" with ${row.datatype}, but the model takes ${target.datatype}`,
    );
  }
}

function checkTopLabels(
  form: NamedForm,
  { topLabels, signature }: { readonly topLabels: TopLabels; readonly signature: EngineSignature },
): void {
  const scores = signature.outputs.find((output) => output.name === topLabels.input);
  if (scores === undefined) {
    throw wrongForm(form, `reads "${topLabels.input}", but the model gives ${namesOf(signature.outputs)}`);
  }
  const width = scores.shape.at(-1);
  if (scores.datatype !== "FP32" || scores.shape.length !== 2 || width !== topLabels.labelCount) {
    const expected = `FP32 [-1, ${topLabels.labelCount}]`;
    throw wrongForm(
      form,
      `reads "${scores.name}" ${scores.datatype} [${scores.shape.join()}], expected ${expected}`,
    );
  }
}

function namesOf(specs: readonly TensorSpec[]): string {
  return specs.map((spec) => `"${spec.name}"`).join(", ");
}

function wrongForm(form: NamedForm, problem: string): InferenceError {
  return new InferenceError("invalidArgument", `form "${form.name}" ${problem}`);
}
