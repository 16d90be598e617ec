/** Element types, named as in the Open Inference Protocol. */
export const datatypes = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;

export type Datatype = (typeof datatypes)[number];

/** Name, element type and shape of one tensor; what a reader needs to interpret its bytes. */
export interface TensorLayout {
  readonly name: string;
  readonly datatype: Datatype;
  /** Sizes of the axes, outermost first, each a non-negative integer; `[]` is a scalar. */
  readonly shape: readonly number[];
}

/**
 * A tensor: its layout and its elements as raw bytes, little-endian, row-major, without padding.
 * BOOL is one byte an element (0 or 1); BYTES is, for each element, its length as uint32 and then the bytes (UTF-8 for text).
 * `bytes` may be a view at any offset: it need not be aligned to the element size.
 */
export interface Tensor extends TensorLayout {
  readonly bytes: Uint8Array;
}
