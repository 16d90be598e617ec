import type { EngineSignature } from "@sluice/engine";
import type { ParameterSpec, SignatureForm, TensorSpec } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { NamedForm } from "../repository/model-description.ts";
import { loadResultStep, loadTextStep } from "../steps/load-steps.ts";
import type { ResultStep } from "../steps/result-step.ts";
import type { TextStep } from "../steps/text-step.ts";
import type { ServedForm } from "./served-model.ts";

/** A form as callers see it and as it is run. */
export interface LoadedForm {
  readonly declared: SignatureForm;
  readonly served: ServedForm;
  readonly parameters: readonly ParameterSpec[];
}

/** Name of the form that takes the engine's own tensors. */
const tensorFormName = "tensors";

/** The form that takes what the model file declares. */
export function tensorForm(signature: EngineSignature): LoadedForm {
  return declareTensors(tensorFormName, { signature, postprocess: undefined });
}

/**
 * Loads a declared form and checks it against the engine. One without preprocessing takes the engine's own tensors.
 * @throws {InferenceError} `notFound` or `invalidArgument` when a file or a name does not fit.
 */
export async function loadForm(
  form: NamedForm,
  { signature, folder }: { readonly signature: EngineSignature; readonly folder: string },
): Promise<LoadedForm> {
  const { preprocess, postprocess: description } = form.steps;
  if (!signature.hasBatchAxis) throw wrongForm(form, "needs a model with a batch axis");
  const postprocess = description === undefined ? undefined : await loadResultStep(description, folder);
  if (postprocess !== undefined) checkResultStep(form, { step: postprocess, signature });
  if (preprocess === undefined) return declareTensors(form.name, { signature, postprocess });
  const step = await loadTextStep(preprocess, folder);
  checkTextStep(form, { step, signature });
  const outputs = outputsOf({ signature, postprocess });
  const isRowWise = outputs.every(({ shape }) => !shape.slice(1).includes(-1));
  return {
    declared: { name: form.name, inputs: form.inputs, outputs },
    served: { kind: "text", name: form.name, step, postprocess, isRowWise },
    parameters: postprocess?.parameters ?? [],
  };
}

interface FormParts {
  readonly signature: EngineSignature;
  readonly postprocess: ResultStep | undefined;
}

function declareTensors(name: string, { signature, postprocess }: FormParts): LoadedForm {
  const inputs = anyRows(signature.inputs, signature);
  return {
    declared: { name, inputs, outputs: outputsOf({ signature, postprocess }) },
    served: { kind: "tensors", name, inputs, postprocess },
    parameters: postprocess?.parameters ?? [],
  };
}

function outputsOf({ signature, postprocess }: FormParts): readonly TensorSpec[] {
  return postprocess?.outputs ?? anyRows(signature.outputs, signature);
}

/** What callers see of a model that fixes its number of rows: the worker cuts and fills. */
function anyRows(specs: readonly TensorSpec[], { fixedBatchSize }: EngineSignature): readonly TensorSpec[] {
  if (fixedBatchSize === undefined) return specs;
  return specs.map((spec) => ({ ...spec, shape: [-1, ...spec.shape.slice(1)] }));
}

function checkTextStep(
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
  const row = step.joinRows([step.prepareRow("")], 1);
  if (row.datatype !== target.datatype) {
    throw wrongForm(
      form,
      `fills "${step.output}" with ${row.datatype}, but the model takes ${target.datatype}`,
    );
  }
}

function checkResultStep(
  form: NamedForm,
  { step, signature }: { readonly step: ResultStep; readonly signature: EngineSignature },
): void {
  const scores = signature.outputs.find((output) => output.name === step.input);
  if (scores === undefined) {
    throw wrongForm(form, `reads "${step.input}", but the model gives ${namesOf(signature.outputs)}`);
  }
  const rowShape = scores.shape.slice(1);
  const fits =
    scores.datatype === "FP32" &&
    rowShape.length === step.rowShape.length &&
    rowShape.every((size, axis) => size === step.rowShape[axis]);
  if (!fits) {
    const expected = `FP32 [${[-1, ...step.rowShape].join(", ")}]`;
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
