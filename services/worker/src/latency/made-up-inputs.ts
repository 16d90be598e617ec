import type { EngineSignature, EngineTensor } from "@sluice/engine";
import { byteLengthOf, type TensorLayout, type TensorSpec, typedArrayOf } from "@sluice/protocol";
import type { RunShape } from "@sluice/scheduling";

/** 1 as a half-precision number. */
const halfOne = 0x3c00;

/** The layouts of inputs of a shape. Where several axes are open, they share the length as a square does. */
export function madeUpLayouts({ inputs, hasBatchAxis }: EngineSignature, shape: RunShape): TensorLayout[] {
  return inputs.map((spec) => ({ ...spec, shape: sizesOf(spec, { ...shape, hasBatchAxis }) }));
}

/** Bytes that such inputs take. */
export function madeUpBytes(layouts: readonly TensorLayout[]): number {
  return layouts.reduce((sum, layout) => sum + (byteLengthOf(layout) ?? emptyTextBytes(layout)), 0);
}

/**
 * Inputs of these layouts for a run whose outputs nobody reads: every element is 1, a token that every vocabulary has and a mask that
 * masks nothing; every text is empty.
 */
export function madeUpInputs(layouts: readonly TensorLayout[]): EngineTensor[] {
  return layouts.map(fill);
}

function sizesOf(
  spec: TensorSpec,
  { items, length, hasBatchAxis }: RunShape & { hasBatchAxis: boolean },
): number[] {
  const [first, ...others] = spec.shape;
  const rowAxes = hasBatchAxis ? others : spec.shape;
  const openCount = rowAxes.filter((size) => size === -1).length;
  const side = Math.max(1, Math.round(length ** (1 / openCount)));
  const row = rowAxes.map((size) => (size === -1 ? side : size));
  return hasBatchAxis && first !== undefined ? [items, ...row] : row;
}

function fill(layout: TensorLayout): EngineTensor {
  const byteLength = byteLengthOf(layout);
  if (byteLength === undefined) return { ...layout, buffer: new ArrayBuffer(emptyTextBytes(layout)) };
  const buffer = new ArrayBuffer(byteLength);
  const elements = typedArrayOf({ ...layout, bytes: new Uint8Array(buffer) });
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) elements.fill(1n);
  else elements.fill(layout.datatype === "FP16" ? halfOne : 1);
  return { ...layout, buffer };
}

/** Each text is its length, 0, as four bytes. */
function emptyTextBytes({ shape }: TensorLayout): number {
  return 4 * shape.reduce((count, size) => count * size, 1);
}
