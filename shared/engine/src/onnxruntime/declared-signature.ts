import { InferenceError, type TensorSpec } from "@sluice/protocol";
import type { EngineSignature } from "../engine.ts";
import { isElementType, toDatatype } from "./element-type.ts";
import type { DeclaredTensor } from "./thread-messages.ts";

/** The inputs and outputs of a model as its file declares them. */
export interface DeclaredTensors {
  readonly inputs: readonly DeclaredTensor[];
  readonly outputs: readonly DeclaredTensor[];
}

/**
 * Signature of a model from what its file declares.
 *
 * Rows can be joined when the first axis of every input and every output carries the same, non-empty name: then it means
 * the same thing everywhere. Files whose exporter gave every axis a name of its own (PaddleOCR), or none (Silero VAD), do not
 * say so; `hasBatchAxis` then answers for them.
 *
 * @param hasBatchAxis what is known about the model beside its file; undefined = go by the file.
 * @throws {InferenceError} `unimplemented` for inputs or outputs that are no tensors of a known type; `invalidArgument` when
 * `hasBatchAxis` is claimed of a model with a fixed first axis.
 */
export function toSignature(declared: DeclaredTensors, hasBatchAxis?: boolean): EngineSignature {
  const all = [...declared.inputs, ...declared.outputs];
  const fixed = all.find((tensor) => typeof tensor.shape[0] !== "string");
  if (hasBatchAxis === true && fixed !== undefined) {
    throw new InferenceError("invalidArgument", `${fixed.name} has no variable first axis to batch along`);
  }
  return {
    inputs: declared.inputs.map(toSpec),
    outputs: declared.outputs.map(toSpec),
    hasBatchAxis: hasBatchAxis ?? hasNamedBatchAxis(all),
  };
}

function hasNamedBatchAxis(tensors: readonly DeclaredTensor[]): boolean {
  const names = new Set(tensors.map((tensor) => tensor.shape[0]));
  const [name] = names;
  return names.size === 1 && typeof name === "string" && name !== "";
}

function toSpec({ name, type, shape }: DeclaredTensor): TensorSpec {
  if (!isElementType(type)) {
    throw new InferenceError(
      "unimplemented",
      `${name} is of type ${type ?? "no tensor"}, which is not supported`,
    );
  }
  return {
    name,
    datatype: toDatatype(type),
    shape: shape.map((size) => (typeof size === "number" ? size : -1)),
  };
}
