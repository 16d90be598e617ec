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
 * say so; `hasBatchAxis` then answers for them, and for files that fix the number of rows: the same number is the first size
 * of all their tensors.
 *
 * @param hasBatchAxis what is known about the model beside its file; undefined = go by the file.
 * @throws {InferenceError} `unimplemented` for inputs or outputs that are no tensors of a known type; `invalidArgument` when
 * `hasBatchAxis` is claimed of a model whose first axes are neither all variable nor all of one size.
 */
export function toSignature(declared: DeclaredTensors, hasBatchAxis?: boolean): EngineSignature {
  const all = [...declared.inputs, ...declared.outputs];
  const fixedBatchSize = hasBatchAxis === true ? fixedSize(all) : undefined;
  return {
    inputs: declared.inputs.map(toSpec),
    outputs: declared.outputs.map(toSpec),
    hasBatchAxis: hasBatchAxis ?? hasNamedBatchAxis(all),
    ...(fixedBatchSize === undefined ? {} : { fixedBatchSize }),
  };
}

/** The first size of all tensors; `undefined` where it is variable in all. */
function fixedSize([first, ...others]: readonly DeclaredTensor[]): number | undefined {
  const size = rowsOf(first);
  const other = others.find((tensor) => rowsOf(tensor) !== size);
  if (size === "none" || other !== undefined) {
    const name = other?.name ?? first?.name ?? "";
    throw new InferenceError(
      "invalidArgument",
      `${name} has no first axis to batch along as the others have`,
    );
  }
  return size === "variable" ? undefined : size;
}

function rowsOf(tensor: DeclaredTensor | undefined): number | "variable" | "none" {
  const size = tensor?.shape[0];
  if (typeof size === "string") return "variable";
  return size === undefined || size < 1 ? "none" : size;
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
