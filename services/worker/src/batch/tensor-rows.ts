import type { TensorLayout } from "@sluice/protocol";

/** Cuts rows out of a tensor: views, not copies. */
export interface TensorRows {
  /** Bytes of the rows from `start` to before `end`. */
  rows(start: number, end: number): Uint8Array;
}

/** Creates a cutter of a tensor whose first axis has `items` rows and whose bytes fit its layout. */
export function createTensorRows(
  { datatype, shape }: TensorLayout,
  { bytes, items }: { readonly bytes: Uint8Array; readonly items: number },
): TensorRows {
  if (datatype === "BYTES") {
    const starts = rowStarts(bytes, { items, rowElements: elementsOf(shape.slice(1)) });
    return { rows: (start, end) => bytes.subarray(starts[start], starts[end]) };
  }
  const rowBytes = bytes.length / items;
  return { rows: (start, end) => bytes.subarray(start * rowBytes, end * rowBytes) };
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Where each row of a BYTES tensor begins, and where the last one ends. */
function rowStarts(
  bytes: Uint8Array,
  { items, rowElements }: { readonly items: number; readonly rowElements: number },
): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const starts = [0];
  let offset = 0;
  for (let item = 0; item < items; item++) {
    for (let element = 0; element < rowElements; element++) offset += 4 + view.getUint32(offset, true);
    starts.push(offset);
  }
  return starts;
}
