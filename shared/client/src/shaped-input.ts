import {
  byteLengthOf,
  checkInputDatatype,
  checkInputShape,
  elementSize,
  elementsToBytes,
  InferenceError,
  tensorOf,
  typedArrayOf,
  type Datatype,
  type Tensor,
  type TensorArray,
  type TensorValue,
} from "@sluice/protocol";
import { namesOf, unknownNameError, unknownNameIn } from "./option-names.ts";

/** Elements with their shape. */
export interface ShapedInput {
  readonly data: TensorValue;
  /** Sizes of the axes, outermost first; default: one axis. */
  readonly shape?: readonly number[];
  /**
   * What the elements are, where their type does not say it. Lists of numbers are converted; a typed array is taken as the raw
   * bytes of the elements, so that FP16 comes in a `Uint16Array` of bits and BYTES in a `Uint8Array` of encoded strings.
   * Default: a typed array's own type, strings BYTES, booleans BOOL, bigints INT64, numbers FP32.
   */
  readonly datatype?: Datatype;
}

/** What stands beside the elements; a tensor of the Open Inference Protocol has its name there, too, and it is the input's that counts. */
const shapedInputNames = namesOf<ShapedInput & { readonly name: string }>({
  data: true,
  shape: true,
  datatype: true,
  name: true,
});

/**
 * Makes a tensor of elements with a shape.
 * @throws {InferenceError} `invalidArgument` when elements, shape and datatype do not go together.
 */
export function shapedTensor(name: string, input: ShapedInput): Tensor {
  const unknown = unknownNameIn(input, shapedInputNames);
  if (unknown !== undefined) {
    throw unknownNameError({ prefix: `input "${name}": `, name: unknown, known: shapedInputNames });
  }
  const { data, shape, datatype } = input;
  const elements = typeof data === "string" ? [data] : data;
  if (shape !== undefined) checkInputShape(name, shape);
  if (datatype === undefined) return tensorOf(name, elements, shape);
  checkInputDatatype(name, datatype);
  if (isTensorArray(elements)) return rawTensor({ name, datatype, shape }, elements);
  if (Array.isArray(elements) && isNumeric(elements) && datatype !== "BYTES") {
    return { ...tensorOf(name, convert({ name, datatype }, elements), shape), datatype };
  }
  const tensor = tensorOf(name, elements, shape);
  if (tensor.datatype === datatype) return tensor;
  throw new InferenceError("invalidArgument", `input "${name}" is ${tensor.datatype}, expected ${datatype}`);
}

function rawTensor(
  { name, datatype, shape }: { name: string; datatype: Datatype; shape: readonly number[] | undefined },
  array: TensorArray,
): Tensor {
  const { bytes } = tensorOf(name, array);
  const tensor = {
    name,
    datatype,
    shape: shape ?? [Math.floor(bytes.byteLength / (elementSize(datatype) ?? 1))],
    bytes,
  };
  if (datatype === "BYTES" && shape === undefined) {
    throw new InferenceError("invalidArgument", `input "${name}" is encoded BYTES, expected a shape with it`);
  }
  const expected = byteLengthOf(tensor);
  if (expected === undefined || expected === bytes.byteLength) return tensor;
  throw new InferenceError(
    "invalidArgument",
    `input "${name}" has ${bytes.byteLength} bytes, expected ${expected} for ${datatype} [${tensor.shape.join()}]`,
  );
}

type Numeric = readonly (number | bigint | boolean)[];

/** Fills an array of the datatype's own type with `elements`. */
function convert({ name, datatype }: { name: string; datatype: Datatype }, elements: Numeric): TensorArray {
  if (datatype === "FP16") {
    throw new InferenceError(
      "invalidArgument",
      `input "${name}" is FP16, expected its bits in a Uint16Array`,
    );
  }
  const layout = { name, datatype, shape: [elements.length] };
  const list = datatype === "BOOL" ? elements.map(toBoolean) : elements;
  return typedArrayOf({ ...layout, bytes: elementsToBytes(layout, list) });
}

/** 0 and 1 as what they stand for; anything else as it is. */
function toBoolean(element: number | bigint | boolean): number | bigint | boolean {
  return element === 0 || element === 1 ? element === 1 : element;
}

function isTensorArray(value: TensorValue): value is TensorArray {
  return ArrayBuffer.isView(value);
}

function isNumeric(elements: readonly unknown[]): elements is Numeric {
  return elements.every((element) => typeof element !== "string");
}
