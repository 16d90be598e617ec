import { checkBody } from "./body.ts";
import { InferenceError } from "./error.ts";
import { describe } from "./fields.ts";
import type { InferenceRequest, Scalar } from "./request.ts";
import type {
  CheckedRequest,
  ModelSignature,
  ParameterSpec,
  SignatureForm,
  TensorSpec,
} from "./signature.ts";
import type { TensorLayout } from "./tensor.ts";

/**
 * Checks a request against what its model declares, before anything is queued, and counts its items.
 * Of BYTES inputs only the lengths are checked, not the text.
 * @throws {InferenceError} `invalidArgument` that names what is wrong and what was expected.
 */
export function checkRequest(signature: ModelSignature, request: InferenceRequest): CheckedRequest {
  const { inputs } = request;
  const form = findForm(signature, inputs);
  for (const input of inputs) checkInput(input, specOf(form.inputs, input.name));
  const items = signature.hasBatchAxis ? countItems(signature, inputs) : 1;
  checkBody(inputs, request.body);
  for (const output of request.outputs) {
    if (specOf(form.outputs, output) === undefined) {
      throw invalid(`output ${describe(output)} is unknown, expected ${names(form.outputs)}`);
    }
  }
  for (const name in request.parameters) checkParameter(signature, name, request.parameters[name]);
  return { form, items };
}

/** The form that inputs of these names use; `undefined` when the model has none such. */
export function formOf(
  { forms }: ModelSignature,
  inputs: readonly TensorLayout[],
): SignatureForm | undefined {
  for (const form of forms) {
    if (isFormOf(form, inputs)) return form;
  }
  return undefined;
}

function findForm(signature: ModelSignature, inputs: readonly TensorLayout[]): SignatureForm {
  const form = formOf(signature, inputs);
  if (form !== undefined) return form;
  const expected = signature.forms.map((form) => names(form.inputs)).join(", or ");
  throw invalid(`the inputs are ${names(inputs)}, expected ${expected}`);
}

function isFormOf(form: SignatureForm, inputs: readonly TensorLayout[]): boolean {
  // Equal counts and every declared name present: then none is missing, foreign or given twice.
  if (form.inputs.length !== inputs.length) return false;
  for (const spec of form.inputs) {
    if (specOf(inputs, spec.name) === undefined) return false;
  }
  return true;
}

function specOf<T extends { readonly name: string }>(specs: readonly T[], name: string): T | undefined {
  for (const spec of specs) {
    if (spec.name === name) return spec;
  }
  return undefined;
}

function checkInput(input: TensorLayout, spec: TensorSpec | undefined): void {
  if (spec === undefined) return;
  if (input.datatype !== spec.datatype) {
    throw invalid(`input ${describe(input.name)} is ${input.datatype}, expected ${spec.datatype}`);
  }
  if (!isShapeOf(input.shape, spec.shape)) {
    throw invalid(
      `input ${describe(input.name)} has shape [${input.shape.join()}], expected [${spec.shape.join()}]`,
    );
  }
}

function isShapeOf(shape: readonly number[], expected: readonly number[]): boolean {
  if (shape.length !== expected.length) return false;
  for (let axis = 0; axis < shape.length; axis++) {
    if (expected[axis] !== -1 && expected[axis] !== shape[axis]) return false;
  }
  return true;
}

function countItems(
  { maxBatchSize, maxRequestItems = maxBatchSize }: ModelSignature,
  inputs: readonly TensorLayout[],
): number {
  const [first] = inputs;
  const items = first?.shape[0] ?? 1;
  for (const input of inputs) {
    if (input.shape[0] !== items) {
      throw invalid(
        `input ${describe(input.name)} has ${input.shape[0]} items, expected ${items} as ${describe(first?.name)}`,
      );
    }
  }
  if (items === 0) throw invalid(`the inputs have no items, expected 1 to ${maxRequestItems}`);
  if (items > maxRequestItems) {
    throw invalid(`the inputs have ${items} items, expected at most ${maxRequestItems}`);
  }
  return items;
}

function checkParameter(signature: ModelSignature, name: string, value: Scalar | undefined): void {
  const spec = specOf(signature.parameters, name);
  if (spec === undefined) {
    throw invalid(`parameter ${describe(name)} is unknown, expected ${names(signature.parameters)}`);
  }
  if (typeof value !== spec.type || !isInRange(value, spec)) {
    throw invalid(`parameter ${describe(name)} is ${describe(value)}, expected ${describeSpec(spec)}`);
  }
}

function isInRange(
  value: Scalar | undefined,
  { minimum = -Infinity, maximum = Infinity }: ParameterSpec,
): boolean {
  return typeof value !== "number" || (value >= minimum && value <= maximum);
}

function describeSpec({ type, minimum, maximum }: ParameterSpec): string {
  const atLeast = minimum === undefined ? "" : ` of at least ${minimum}`;
  const atMost = maximum === undefined ? "" : `${minimum === undefined ? " of" : " and"} at most ${maximum}`;
  return `a ${type}${atLeast}${atMost}`;
}

function names(named: readonly { readonly name: string }[]): string {
  if (named.length === 0) return "none";
  const shown = named.slice(0, maxShownNames).map(({ name }) => describe(name));
  const more = named.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}

/** Most names that a message lists: a request may have hundreds, and a pack thousands of requests. */
const maxShownNames = 8;

function invalid(message: string): InferenceError {
  return new InferenceError("invalidArgument", message);
}
