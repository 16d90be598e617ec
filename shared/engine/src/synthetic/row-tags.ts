import { typedArrayOf } from "@sluice/protocol";
import type { EngineTensor } from "../engine.ts";

/** First element of each row along the first axis, as a number; none for text and for scalars. */
export function rowTags(tensor: EngineTensor | undefined): number[] {
  if (tensor === undefined || tensor.datatype === "BYTES") return [];
  const [rows = 0] = tensor.shape;
  const elements = typedArrayOf({ ...tensor, bytes: new Uint8Array(tensor.buffer) });
  const rowLength = rows === 0 ? 0 : elements.length / rows;
  if (rowLength === 0) return [];
  return Array.from({ length: rows }, (_, row) => Number(elements[row * rowLength]));
}
