import { checkBody } from "./body.ts";
import { elementCount, largestFloat, overflows } from "./datatype.ts";
import { InferenceError } from "./error.ts";
import { describe } from "./fields.ts";
import type { Datatype, Tensor } from "./tensor.ts";

/** The typed arrays that hold elements of a {@link Datatype}. */
export type TensorArray =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** What {@link tensorOf} makes a tensor of. */
export type TensorValue =
  TensorArray | string | readonly string[] | readonly number[] | readonly bigint[] | readonly boolean[];

/**
 * Makes a tensor. The datatype follows from the value: a typed array gives its own element type, strings BYTES, booleans
 * BOOL, bigints INT64, plain numbers FP32. A typed array is not copied: the tensor looks into it.
 * @param shape one axis by default; a lone string is a scalar.
 * @throws {InferenceError} `invalidArgument` when the value is something else, or does not have as many elements as the shape, or its
 * elements are of several types, or integers beyond 64 bits.
 */
export function tensorOf(name: string, value: TensorValue, shape?: readonly number[]): Tensor {
  const { datatype, bytes, count } = elementsOf(name, value);
  const tensorShape = shape ?? (typeof value === "string" ? [] : [count]);
  if (elementCount(tensorShape) !== count) {
    throw new InferenceError(
      "invalidArgument",
      `tensor "${name}" has ${count} elements, expected ${elementCount(tensorShape)} for shape [${tensorShape.join()}]`,
    );
  }
  return { name, datatype, shape: tensorShape, bytes };
}

interface Elements {
  readonly datatype: Datatype;
  readonly bytes: Uint8Array;
  readonly count: number;
}

function elementsOf(name: string, value: TensorValue): Elements {
  if (typeof value === "string") return { datatype: "BYTES", bytes: encodeStrings([value]), count: 1 };
  if (isTensorArray(value)) {
    const datatype = datatypeOf(name, value);
    if (value.length === 0) return { datatype, bytes: noBytes(name, value), count: 0 };
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return { datatype, bytes, count: value.length };
  }
  if (!Array.isArray(value)) throw wrongValue(name, describe(value));
  const count = value.length;
  if (isListOf(value, "string")) return { datatype: "BYTES", bytes: encodeStrings(value), count };
  if (isListOf(value, "boolean")) return { datatype: "BOOL", bytes: Uint8Array.from(value, Number), count };
  if (isListOf(value, "bigint")) {
    return { datatype: "INT64", bytes: new Uint8Array(integersOf(name, value).buffer), count };
  }
  return { datatype: "FP32", bytes: new Uint8Array(numbersOf(name, value).buffer), count };
}

/** An array whose buffer went to another thread has no elements any more, and cannot be looked into. */
function noBytes(name: string, { buffer, byteOffset }: TensorArray): Uint8Array {
  try {
    return new Uint8Array(buffer, byteOffset, 0);
  } catch (cause) {
    throw new InferenceError("invalidArgument", `the buffer of tensor "${name}" was given away`, { cause });
  }
}

function wrongValue(name: string, given: string): InferenceError {
  return new InferenceError(
    "invalidArgument",
    `tensor "${name}" is ${given}, expected a typed array, a string or a flat list`,
  );
}

function integersOf(name: string, list: readonly bigint[]): BigInt64Array {
  const array = BigInt64Array.from(list);
  const wrong = list.findIndex((element, index) => element !== array[index]);
  if (wrong === -1) return array;
  throw wrongElement({ name, index: wrong, element: list[wrong] }, "a whole number of 64 bits for INT64");
}

function numbersOf(name: string, list: readonly unknown[]): Float32Array {
  const array = new Float32Array(list.length);
  for (let index = 0; index < list.length; index++) {
    const element = list[index];
    if (typeof element !== "number")
      throw wrongElement({ name, index, element }, "elements of one type, flat");
    if (overflows(element, "FP32")) {
      throw wrongElement({ name, index, element }, `a number of at most ${largestFloat.FP32} for FP32`);
    }
    array[index] = element;
  }
  return array;
}

function wrongElement(
  { name, index, element }: { readonly name: string; readonly index: number; readonly element: unknown },
  expected: string,
): InferenceError {
  const message = `element ${index} of tensor "${name}" is ${describe(element)}, expected ${expected}`;
  return new InferenceError("invalidArgument", message);
}

function isTensorArray(value: TensorValue): value is TensorArray {
  return ArrayBuffer.isView(value);
}

interface ListTypes {
  readonly string: string;
  readonly boolean: boolean;
  readonly bigint: bigint;
}

function isListOf<K extends keyof ListTypes>(
  value: readonly (string | number | bigint | boolean)[],
  type: K,
): value is readonly ListTypes[K][] {
  // No `every`, which skips holes.
  for (const element of value) if (typeof element !== type) return false;
  return value.length > 0;
}

function datatypeOf(name: string, array: TensorArray): Datatype {
  // Most are; a look at the type costs a tenth of one at its name.
  if (array instanceof Float32Array) return "FP32";
  const type = array[Symbol.toStringTag];
  const datatype = datatypesByType.get(type);
  if (datatype === undefined) throw wrongValue(name, type);
  return datatype;
}

/**
 * By the names of their types, which arrays of another realm, as of a test runner, have too. `Float16Array` is of Node 24.
 */
const datatypesByType: ReadonlyMap<string, Datatype> = new Map([
  ["Uint8Array", "UINT8"],
  ["Uint8ClampedArray", "UINT8"],
  ["Uint16Array", "UINT16"],
  ["Uint32Array", "UINT32"],
  ["BigUint64Array", "UINT64"],
  ["Int8Array", "INT8"],
  ["Int16Array", "INT16"],
  ["Int32Array", "INT32"],
  ["BigInt64Array", "INT64"],
  ["Float16Array", "FP16"],
  ["Float32Array", "FP32"],
  ["Float64Array", "FP64"],
]);

/**
 * The elements of a tensor as a typed array: a view where the bytes happen to be aligned, else a copy.
 * BOOL gives a `Uint8Array` of 0 and 1, FP16 a `Uint16Array` of the raw bits.
 * @throws {InferenceError} `invalidArgument` for BYTES (see {@link stringsOf}), and when the bytes do not fit the shape.
 */
export function typedArrayOf(tensor: Tensor): TensorArray {
  const { name, datatype } = tensor;
  if (datatype === "BYTES") {
    throw new InferenceError(
      "invalidArgument",
      `tensor "${name}" is BYTES, expected a datatype of fixed size`,
    );
  }
  checkBody([tensor], [tensor.bytes]);
  const arrayType = arrayTypes[datatype];
  const size = arrayType.BYTES_PER_ELEMENT;
  const bytes = tensor.bytes.byteOffset % size === 0 ? tensor.bytes : new Uint8Array(tensor.bytes);
  return new arrayType(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
}

interface TensorArrayType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): TensorArray;
}

const arrayTypes: Readonly<Record<Exclude<Datatype, "BYTES">, TensorArrayType>> = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
};

const encoder = new TextEncoder();
/** It would leave out U+FEFF at the start of a text otherwise. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Writes strings as BYTES elements: for each its length in bytes as uint32, then its UTF-8. */
export function encodeStrings(strings: readonly string[]): Uint8Array {
  const encoded = strings.map((string) => encoder.encode(string));
  const bytes = new Uint8Array(encoded.reduce((total, element) => total + 4 + element.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const element of encoded) {
    view.setUint32(offset, element.byteLength, true);
    bytes.set(element, offset + 4);
    offset += 4 + element.byteLength;
  }
  return bytes;
}

/**
 * The elements of a BYTES tensor as strings; bytes that are not UTF-8 become U+FFFD.
 * @throws {InferenceError} `invalidArgument` for another datatype, and when the bytes do not fit the shape.
 */
export function stringsOf(tensor: Tensor): string[] {
  const { name, datatype, bytes } = tensor;
  if (datatype !== "BYTES") {
    throw new InferenceError("invalidArgument", `tensor "${name}" is ${datatype}, expected BYTES`);
  }
  checkBody([tensor], [bytes]);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: string[] = [];
  for (let offset = 0; offset < bytes.byteLength;) {
    const end = offset + 4 + view.getUint32(offset, true);
    strings.push(decoder.decode(bytes.subarray(offset + 4, end)));
    offset = end;
  }
  return strings;
}
