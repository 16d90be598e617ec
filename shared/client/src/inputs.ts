import {
  checkBody,
  checkLayout,
  InferenceError,
  maxTensors,
  tensorOf,
  type Tensor,
  type TensorValue,
} from "@sluice/protocol";
import { describeGiven, isRecord } from "./given-value.ts";
import { shapedTensor, type ShapedInput } from "./shaped-input.ts";

/** One input: elements along one axis, elements with a shape, or a tensor. A lone string is one element. */
export type InputValue = TensorValue | ShapedInput | Tensor;

/** Inputs by name. They must not be changed before the call has ended: it may be sent again. */
export type ModelInputs = Readonly<Record<string, InputValue>>;

/**
 * Makes tensors of a call's inputs, in the order given.
 * @throws {InferenceError} `invalidArgument` naming the input that is wrong.
 */
export function toTensors(inputs: ModelInputs): readonly Tensor[] {
  if (!isRecord(inputs)) {
    const given = inputs === undefined || inputs === null ? "missing" : describeGiven(inputs);
    throw new InferenceError("invalidArgument", `inputs are ${given}, expected an object of name and value`);
  }
  const names = Object.keys(inputs);
  if (names.length === 0) {
    throw new InferenceError("invalidArgument", "inputs are empty, expected at least one");
  }
  if (names.length > maxTensors) {
    throw new InferenceError("invalidArgument", `inputs are ${names.length}, expected at most ${maxTensors}`);
  }
  return names.map((name) => toTensor(name, inputs[name]));
}

function toTensor(name: string, value: InputValue | undefined): Tensor {
  if (typeof value === "string") return tensorOf(name, [value]);
  if (isElements(value)) return tensorOf(name, value);
  if (typeof value === "object" && value !== null) {
    if (isTensor(value)) return renamed(name, value);
    if (isShaped(value)) return shapedTensor(name, value);
  }
  throw new InferenceError(
    "invalidArgument",
    `input "${name}" is ${describeGiven(value)}, expected strings, numbers, a typed array, { data, shape } or a tensor`,
  );
}

function renamed(name: string, { datatype, shape, bytes: given }: Tensor): Tensor {
  if (!isBytes(given)) {
    const expected = "expected the bytes of its elements in a Uint8Array";
    throw new InferenceError(
      "invalidArgument",
      `bytes of input "${name}" are ${describeGiven(given)}, ${expected}`,
    );
  }
  const { bytes } = tensorOf(name, given);
  const tensor = { ...checkLayout({ name, datatype, shape }), bytes };
  checkBody([tensor], [bytes]);
  return tensor;
}

function isBytes(value: unknown): boolean {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

function isTensor(value: object): value is Tensor {
  return "bytes" in value && "datatype" in value && "shape" in value;
}

function isShaped(value: object): value is ShapedInput {
  return "data" in value;
}

function isElements(value: InputValue | undefined): value is TensorValue {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
