import { bodyBytes } from "./body.ts";
import { valuesOf, writeColumn, type Column, type WrittenColumns } from "./columns.ts";
import type { Fields } from "./fields.ts";
import { createLayoutDictionary } from "./layouts.ts";
import { toMsgpack } from "./msgpack.ts";
import { tensorColumns } from "./pack.ts";
import { createSlab } from "./slab.ts";
import type { TensorLayout } from "./tensor.ts";

/** How rows of one type are written. */
export interface RowFormat<Row> {
  /** Names and columns, in the order in which they are written. */
  readonly columns: readonly (readonly [name: string, column: Column<Row, unknown>])[];
  /** Whether `row` has its default in all columns that are rare; one look at a row instead of one for each column. */
  readonly isPlain: (row: Row) => boolean;
  readonly layoutsOf: (row: Row) => readonly TensorLayout[];
  readonly bodyOf: (row: Row) => readonly Uint8Array[];
}

const slab = createSlab();

/** First byte of a pack: a msgpack list of four. */
const listOfFour = 0x94;
/** First byte of a msgpack byte string whose length is written in 32 bits. */
const bin32 = 0xc6;
const bin32HeadBytes = 5;

/**
 * Writes `[head, same, columns, body]`. Tensor bytes are copied once, from their chunks to their place in the message.
 * @param head fields of the message as a whole; `count` and `layouts` are added.
 */
export function encodePack<Row>(format: RowFormat<Row>, head: Fields, rows: readonly Row[]): Uint8Array {
  const written: WrittenColumns = { same: {}, columns: {} };
  const arePlain = areAll(rows, format.isPlain);
  for (const [name, column] of format.columns) {
    if (!arePlain || column.isRare !== true) writeColumn(written, name, { column, rows });
  }
  const layouts = valuesOf(rows, format.layoutsOf);
  return writePack(head, written, { layouts, bodies: valuesOf(rows, format.bodyOf) });
}

function areAll<Row>(rows: readonly Row[], test: (row: Row) => boolean): boolean {
  for (const row of rows) if (!test(row)) return false;
  return true;
}

/** The tensors of the rows of a pack, in their order. */
export interface PackTensors {
  readonly layouts: readonly (readonly TensorLayout[])[];
  readonly bodies: readonly (readonly Uint8Array[])[];
}

/** Writes a pack whose other columns are written already. */
export function writePack(
  head: Fields,
  written: WrittenColumns,
  { layouts, bodies }: PackTensors,
): Uint8Array {
  const lengths = valuesOf(bodies, bodyBytes);
  writeColumn(written, "bytes", { column: tensorColumns.bytes, rows: lengths });
  const dictionary = createLayoutDictionary();
  writeColumn(written, "layout", {
    column: tensorColumns.layout,
    rows: valuesOf(layouts, dictionary.indexOf),
  });
  const fullHead = Object.assign({ count: bodies.length, layouts: dictionary.toWire() }, head);
  let bodyLength = 0;
  for (const length of lengths) bodyLength += length;
  return joinPack([fullHead, written.same, written.columns], { bodies, bodyLength });
}

function joinPack(
  parts: readonly Fields[],
  { bodies, bodyLength }: { bodies: PackTensors["bodies"]; bodyLength: number },
): Uint8Array {
  // Packed as a list of three; the first byte is then replaced by the one of a list of four.
  const front = toMsgpack(parts);
  const message = slab.allocate(front.length + bin32HeadBytes + bodyLength);
  message.set(front);
  message[0] = listOfFour;
  let offset = writeBin32Head(message, { offset: front.length, length: bodyLength });
  for (const body of bodies) {
    for (const chunk of body) {
      message.set(chunk, offset);
      offset += chunk.length;
    }
  }
  return message;
}

function writeBin32Head(message: Uint8Array, { offset, length }: { offset: number; length: number }): number {
  message[offset] = bin32;
  message[offset + 1] = length >>> 24;
  message[offset + 2] = length >>> 16;
  message[offset + 3] = length >>> 8;
  message[offset + 4] = length;
  return offset + bin32HeadBytes;
}
