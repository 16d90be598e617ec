import { elementCount, elementSize, largestFloat, overflows } from "./datatype.ts";
import { InferenceError } from "./error.ts";
import { describe } from "./fields.ts";
import { fromFloat16Bits, toFloat16Bits } from "./float16.ts";
import { encodeStrings, stringsOf } from "./tensor-values.ts";
import type { Datatype, Tensor, TensorLayout } from "./tensor.ts";

type FixedDatatype = Exclude<Datatype, "BYTES">;

/** How elements of one datatype stand in JSON and in bytes. */
interface ElementForm {
  readonly expected: string;
  /** Writes `value` as bytes; false if it is not what the datatype holds. */
  write(view: DataView, offset: number, value: unknown): boolean;
  /** The JSON text of the element at `offset`. */
  read(view: DataView, offset: number): string;
}

const elementForms: Readonly<Record<FixedDatatype, ElementForm>> = {
  BOOL: elementForm("true or false", toBoolean, {
    set: (view, offset, value) => view.setUint8(offset, Number(value)),
    get: (view, offset) => String(view.getUint8(offset) !== 0),
  }),
  UINT8: integer(0, 0xff, { set: "setUint8", get: "getUint8" }),
  UINT16: integer(0, 0xffff, { set: "setUint16", get: "getUint16" }),
  UINT32: integer(0, 0xffff_ffff, { set: "setUint32", get: "getUint32" }),
  UINT64: bigInteger(0n, 2n ** 64n - 1n, { set: "setBigUint64", get: "getBigUint64" }),
  INT8: integer(-0x80, 0x7f, { set: "setInt8", get: "getInt8" }),
  INT16: integer(-0x8000, 0x7fff, { set: "setInt16", get: "getInt16" }),
  INT32: integer(-0x8000_0000, 0x7fff_ffff, { set: "setInt32", get: "getInt32" }),
  INT64: bigInteger(-(2n ** 63n), 2n ** 63n - 1n, { set: "setBigInt64", get: "getBigInt64" }),
  FP16: float(
    "FP16",
    (view, offset, value) => view.setUint16(offset, toFloat16Bits(value), true),
    (view, offset) => fromFloat16Bits(view.getUint16(offset, true)),
  ),
  FP32: float(
    "FP32",
    (view, offset, value) => view.setFloat32(offset, value, true),
    (view, offset) => view.getFloat32(offset, true),
  ),
  FP64: float(
    "FP64",
    (view, offset, value) => view.setFloat64(offset, value, true),
    (view, offset) => view.getFloat64(offset, true),
  ),
};

function elementForm<Element>(
  expected: string,
  parse: (value: unknown) => Element | undefined,
  access: {
    set(view: DataView, offset: number, element: Element): void;
    get(view: DataView, offset: number): string;
  },
): ElementForm {
  return {
    expected,
    write(view, offset, value) {
      const element = parse(value);
      if (element === undefined) return false;
      access.set(view, offset, element);
      return true;
    },
    read: access.get,
  };
}

function toBoolean(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

interface IntegerAccess {
  readonly set: "setUint8" | "setUint16" | "setUint32" | "setInt8" | "setInt16" | "setInt32";
  readonly get: "getUint8" | "getUint16" | "getUint32" | "getInt8" | "getInt16" | "getInt32";
}

function integer(minimum: number, maximum: number, { set, get }: IntegerAccess): ElementForm {
  const toInteger = (value: unknown): number | undefined => {
    const integer = typeof value === "bigint" ? Number(value) : value;
    if (typeof integer !== "number" || !Number.isInteger(integer)) return undefined;
    return integer >= minimum && integer <= maximum ? integer : undefined;
  };
  return elementForm(`a whole number from ${minimum} to ${maximum}`, toInteger, {
    set: (view, offset, value) => view[set](offset, value, true),
    get: (view, offset) => String(view[get](offset, true)),
  });
}

interface BigIntegerAccess {
  readonly set: "setBigUint64" | "setBigInt64";
  readonly get: "getBigUint64" | "getBigInt64";
}

function bigInteger(minimum: bigint, maximum: bigint, { set, get }: BigIntegerAccess): ElementForm {
  const toInteger = (value: unknown): bigint | undefined => {
    const integer = toBigInt(value);
    return integer !== undefined && integer >= minimum && integer <= maximum ? integer : undefined;
  };
  const expected = `a whole number from ${minimum} to ${maximum}, beyond 2^53 as a string of digits or a bigint`;
  return elementForm(expected, toInteger, {
    set: (view, offset, value) => view[set](offset, value, true),
    get: (view, offset) => String(view[get](offset, true)),
  });
}

/** Most characters of a 64-bit integer, sign included. */
const maxDigits = 20;

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== "string" || value.length > maxDigits || !/^-?\d+$/.test(value)) return undefined;
  return BigInt(value);
}

function float(
  datatype: keyof typeof largestFloat,
  set: (view: DataView, offset: number, value: number) => void,
  get: (view: DataView, offset: number) => number,
): ElementForm {
  const largest = largestFloat[datatype];
  const toElement = (value: unknown): number | undefined => {
    const element = toFloat(value);
    return element === undefined || overflows(element, datatype) ? undefined : element;
  };
  return elementForm(`a number of at most ${largest}, "NaN", "Infinity" or "-Infinity"`, toElement, {
    set,
    get: (view, offset) => floatText(get(view, offset)),
  });
}

function toFloat(value: unknown): number | undefined {
  if (typeof value === "string") return nonFinite.get(value);
  if (typeof value === "bigint") return Number.isFinite(Number(value)) ? Number(value) : undefined;
  return typeof value === "number" ? value : undefined;
}

/** JSON has no words for these; they are written, and read, as strings. */
const nonFinite: ReadonlyMap<string, number> = new Map([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function floatText(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * Writes the elements of a flat list, as of JSON `data`, as tensor bytes.
 * @throws {InferenceError} `invalidArgument` when an element is not what the datatype holds.
 */
export function elementsToBytes({ name, datatype }: TensorLayout, data: readonly unknown[]): Uint8Array {
  if (datatype === "BYTES") {
    return encodeStrings(
      data.map((value, index) => (typeof value === "string" ? value : refuse(index, "a string"))),
    );
  }
  const size = elementSize(datatype) ?? 0;
  const bytes = new Uint8Array(data.length * size);
  const view = new DataView(bytes.buffer);
  const form = elementForms[datatype];
  for (let index = 0; index < data.length; index++) {
    if (!form.write(view, index * size, data[index])) refuse(index, form.expected);
  }
  return bytes;

  function refuse(index: number, expected: string): never {
    throw new InferenceError(
      "invalidArgument",
      `element ${index} of input ${describe(name)} is ${describe(data[index])}, expected ${expected} for ${datatype}`,
    );
  }
}

/** The elements of a tensor as the text of a flat JSON list, 64-bit integers digit by digit. */
export function elementsToJson(tensor: Tensor): string {
  if (tensor.datatype === "BYTES") return JSON.stringify(stringsOf(tensor));
  const { datatype, bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const form = elementForms[datatype];
  const size = elementSize(datatype) ?? 0;
  const count = elementCount(tensor.shape);
  const texts: string[] = [];
  for (let index = 0; index < count; index++) texts.push(form.read(view, index * size));
  return `[${texts.join()}]`;
}
