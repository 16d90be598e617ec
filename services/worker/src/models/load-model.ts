import type { Decoder, Engine, EngineSignature } from "@sluice/engine";
import type { ModelSignature, ParameterSpec, SignatureForm } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import { createGeneration } from "../generate/create-generation.ts";
import type { Generation } from "../generate/generation.ts";
import { maxTokensParameter } from "../generate/generation.ts";
import type { ModelDescription, NamedForm } from "../repository/model-description.ts";
import type { GenerateDescription } from "../repository/model-file.ts";
import { createLatencyTracker } from "../latency/latency-tracker.ts";
import type { MeasureOptions } from "../latency/measure-model.ts";
import { maxTextLength, measureModel } from "../latency/measure-model.ts";
import type { LoadEngine } from "./engine-loader.ts";
import { loadForm, tensorForm } from "./load-form.ts";
import type { LoadedForm } from "./load-form.ts";
import type { LoadedModel, ServedModel } from "./served-model.ts";

export interface LoadModelOptions extends MeasureOptions {
  readonly loadEngine: LoadEngine;
}

/**
 * Loads a model: its instances, one after the other, and the steps of its forms; then measures it.
 * @throws {InferenceError} with the engine's code when an instance cannot be loaded; `notFound` or `invalidArgument` when a form does not fit.
 */
export async function loadModel(
  description: ModelDescription,
  options: LoadModelOptions,
): Promise<ServedModel> {
  const { loadEngine } = options;
  const engines: Engine[] = [];
  try {
    const first = await loadEngine(description);
    engines.push(first);
    while (engines.length < description.instances) engines.push(await loadEngine(description));
    const { signature, decoder } = first;
    const model = await serveModel(description, { engines, signature, decoder });
    const calibration = await measureModel(model, options);
    const latency = createLatencyTracker({ calibration, maxTextLength: maxTextLength(model) });
    return { ...model, latency };
  } catch (error) {
    await Promise.all(engines.map((engine) => engine.close()));
    throw error;
  }
}

interface LoadedEngines {
  readonly engines: readonly Engine[];
  readonly signature: EngineSignature;
  readonly decoder: Decoder | undefined;
}

async function serveModel(
  description: ModelDescription,
  { engines, signature, decoder }: LoadedEngines,
): Promise<LoadedModel> {
  const generating = generatingForm(description);
  const loaded = generating === undefined ? await loadForms(description, signature) : [];
  const generation =
    generating === undefined
      ? undefined
      : createGeneration(generating.steps.generate, {
          decoder,
          signature,
          maxSequences: description.maxBatchSize,
        });
  return {
    name: description.name,
    version: description.version,
    signature: {
      name: description.name,
      version: description.version,
      forms: generating === undefined ? loaded.map((form) => form.declared) : [textToText(generating)],
      parameters: parametersOf(loaded, generation),
      hasBatchAxis: signature.hasBatchAxis,
      ...sizesOf(description, { signature, forms: loaded }),
      isIterative: generation !== undefined,
      ...(description.sloMs === undefined ? {} : { sloMs: description.sloMs }),
      ...(description.batching === undefined ? {} : { batching: description.batching }),
    },
    fixedBatchSize: signature.fixedBatchSize,
    forms: new Map(loaded.map((form) => [form.declared.name, form.served])),
    generation,
    engines,
  };
}

/**
 * What one request may bring, and what several may bring together. A model without forms generates: a prompt is a batch by
 * itself, it joins those that run, and ends when it has ended.
 */
function sizesOf(
  { maxBatchSize: described, maxRequestItems, maxBatchTokens }: ModelDescription,
  { signature, forms }: { readonly signature: EngineSignature; readonly forms: readonly LoadedForm[] },
): Pick<ModelSignature, "maxBatchSize" | "maxRequestItems" | "maxBatchTokens"> {
  if (!signature.hasBatchAxis || forms.length === 0) return { maxBatchSize: 1 };
  const maxBatchSize = signature.fixedBatchSize ?? described;
  const mayCut = forms.every(({ served }) => served.kind === "tensors" || served.isRowWise);
  return {
    maxBatchSize,
    ...(mayCut && { maxRequestItems }),
    ...(maxBatchTokens !== undefined && { maxBatchTokens }),
  };
}

async function loadForms(description: ModelDescription, signature: EngineSignature): Promise<LoadedForm[]> {
  const takesTensors = description.forms.some(({ steps }) => steps.preprocess === undefined);
  const forms = takesTensors ? [] : [tensorForm(signature)];
  for (const form of description.forms) {
    forms.push(await loadForm(form, { signature, folder: description.folder }));
  }
  return forms;
}

type GeneratingForm = NamedForm & { readonly steps: { readonly generate: GenerateDescription } };

/** The form that generates. A model that has one serves nothing else: its raw tensors are of no use to a caller. */
function generatingForm({ forms }: ModelDescription): GeneratingForm | undefined {
  for (const { steps, ...form } of forms) {
    const { generate } = steps;
    if (generate !== undefined) return { ...form, steps: { ...steps, generate } };
  }
  return undefined;
}

function textToText({ name, inputs, steps }: GeneratingForm): SignatureForm {
  if (!inputs.some((input) => input.name === steps.generate.input && input.datatype === "BYTES")) {
    throw new InferenceError(
      "invalidArgument",
      `form "${name}" generates from "${steps.generate.input}", expected a BYTES input of that name`,
    );
  }
  return { name, inputs, outputs: [{ name: steps.generate.output, datatype: "BYTES", shape: [-1] }] };
}

function parametersOf(forms: readonly LoadedForm[], generation: Generation | undefined): ParameterSpec[] {
  const parameters = forms.flatMap((form) => form.parameters);
  if (generation !== undefined) {
    const maximum = generation.limits.maxContext - 1;
    parameters.push({ name: maxTokensParameter, type: "number", minimum: 1, maximum });
  }
  return parameters;
}
