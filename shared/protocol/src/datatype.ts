import { datatypes, type Datatype, type TensorLayout } from "./tensor.ts";

const elementSizes: Readonly<Record<Exclude<Datatype, "BYTES">, number>> = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  FP32: 4,
  FP64: 8,
};

/** Largest finite number of each floating-point datatype. */
export const largestFloat = {
  FP16: 65_504,
  FP32: 2 ** 128 - 2 ** 104,
  FP64: Number.MAX_VALUE,
} as const;

/** Half a step beyond those: from there on a number is rounded to infinity. */
const overflowsFrom = { FP16: 65_520, FP32: 2 ** 128 - 2 ** 103, FP64: Infinity };

/** Tells whether a finite number is so large that it would become infinite in `datatype`. */
export function overflows(value: number, datatype: keyof typeof largestFloat): boolean {
  return Number.isFinite(value) && Math.abs(value) >= overflowsFrom[datatype];
}

const datatypeSet: ReadonlySet<unknown> = new Set(datatypes);

/** Tells whether `value` names an element type. */
export function isDatatype(value: unknown): value is Datatype {
  return datatypeSet.has(value);
}

/** Bytes of one element; `undefined` for BYTES, whose elements differ. */
export function elementSize(datatype: Datatype): number | undefined {
  return datatype === "BYTES" ? undefined : elementSizes[datatype];
}

/** Number of elements of a shape; 1 for a scalar. More than 2^53 comes out inexact, never small. */
export function elementCount(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}

/** Bytes that a tensor of this layout takes; `undefined` for BYTES, where only the elements tell. */
export function byteLengthOf(layout: TensorLayout): number | undefined {
  const size = elementSize(layout.datatype);
  return size === undefined ? undefined : size * elementCount(layout.shape);
}
