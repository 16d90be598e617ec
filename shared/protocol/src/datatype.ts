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
