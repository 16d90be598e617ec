import { bodyBytes } from "./body.ts";
import {
  cellAt,
  readColumns,
  writeColumn,
  type Cells,
  type Columns,
  type WrittenColumns,
} from "./columns.ts";
import { count, fields, wholeNumber, wrongField, type Fields } from "./fields.ts";
import { InferenceError } from "./error.ts";
import { createLayoutDictionary, fromWireLayouts } from "./layouts.ts";
import { maxPackRows } from "./limits.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import type { TensorLayout } from "./tensor.ts";

/** The tensors of one row: every row type of a pack has them, under its own names. */
export interface RowTensors {
  readonly layouts: readonly TensorLayout[];
  readonly body: readonly Uint8Array[];
}

/** How rows of one type are written. */
export interface RowFormat<Row> {
  readonly columns: Columns<Row>;
  layoutsOf(row: Row): readonly TensorLayout[];
  bodyOf(row: Row): readonly Uint8Array[];
}

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
  for (const name in format.columns) {
    const column = format.columns[name];
    if (column !== undefined) writeColumn(written, name, { column, rows });
  }
  const layouts = writeTensorColumns(format, rows, written);
  // Packed as a list of three; the first byte is then replaced by the one of a list of four.
  const front = toMsgpack([
    Object.assign({ count: rows.length, layouts }, head),
    written.same,
    written.columns,
  ]);
  return joinPack(front, rows.map(format.bodyOf));
}

const tensorColumns = {
  bytes: { valueOf: (row: { bytes: number; layout: number }) => row.bytes, check: count, fallback: 0 },
  layout: { valueOf: (row: { bytes: number; layout: number }) => row.layout, check: count, fallback: 0 },
} as const;

function writeTensorColumns<Row>(
  format: RowFormat<Row>,
  rows: readonly Row[],
  written: WrittenColumns,
): readonly unknown[] {
  const dictionary = createLayoutDictionary();
  const tensors = rows.map((row) => ({
    bytes: bodyBytes(format.bodyOf(row)),
    layout: dictionary.indexOf(format.layoutsOf(row)),
  }));
  writeColumn(written, "bytes", { column: tensorColumns.bytes, rows: tensors });
  writeColumn(written, "layout", { column: tensorColumns.layout, rows: tensors });
  return dictionary.toWire();
}

function joinPack(front: Uint8Array, bodies: readonly (readonly Uint8Array[])[]): Uint8Array {
  let bodyLength = 0;
  for (const body of bodies) bodyLength += bodyBytes(body);
  const message = new Uint8Array(front.byteLength + bin32HeadBytes + bodyLength);
  message.set(front);
  message[0] = listOfFour;
  message[front.byteLength] = bin32;
  new DataView(message.buffer).setUint32(front.byteLength + 1, bodyLength);
  let offset = front.byteLength + bin32HeadBytes;
  for (const body of bodies) {
    for (const chunk of body) {
      message.set(chunk, offset);
      offset += chunk.byteLength;
    }
  }
  return message;
}

/** A decoded pack, before its columns are read. */
export interface Pack {
  readonly head: Fields;
  readonly same: Fields;
  readonly columns: Fields;
  readonly rowCount: number;
  /** Rows with equal layouts share one object; each body is one chunk, a view into the message. */
  readonly tensors: readonly RowTensors[];
}

const checkRowCount = wholeNumber(0, maxPackRows);

/** Whether a decoded msgpack value has the form of a pack; its parts are not checked. */
export function isPackForm(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === 4;
}

/**
 * Reads a pack: its parts, its layouts and which bytes belong to which row.
 * @throws {InferenceError} `invalidArgument` when a part is not what it must be or the body is not as long as its rows say.
 */
export function decodePack(bytes: Uint8Array): Pack {
  return readPack(fromMsgpack(bytes));
}

/** Like {@link decodePack}, for a value that was decoded already. */
export function readPack(value: unknown): Pack {
  if (!isPackForm(value)) throw wrongField("message", value, "[head, same, columns, body]");
  const head = fields(value[0], "head");
  const same = fields(value[1], "same");
  const columns = fields(value[2], "columns");
  const body = value[3];
  if (!(body instanceof Uint8Array)) throw wrongField("body", body, "bytes");
  const rowCount = checkRowCount(head["count"], "count");
  const layouts = fromWireLayouts(head["layouts"], "layouts");
  const cells = readColumns(tensorColumns, { same, columns, rowCount });
  const tensors = cutRows({ bytes: cells.bytes, layout: cells.layout, layouts, body, rowCount });
  return { head, same, columns, rowCount, tensors };
}

function cutRows(pack: {
  bytes: Cells<number>;
  layout: Cells<number>;
  layouts: readonly (readonly TensorLayout[])[];
  body: Uint8Array;
  rowCount: number;
}): RowTensors[] {
  const { buffer, byteOffset } = pack.body;
  const rows: RowTensors[] = [];
  let offset = 0;
  for (let row = 0; row < pack.rowCount; row++) {
    const layouts = pack.layouts[cellAt(pack.layout, row)];
    if (layouts === undefined) {
      throw wrongField("layout", cellAt(pack.layout, row), `a number below ${pack.layouts.length}`);
    }
    const end = offset + cellAt(pack.bytes, row);
    if (end > pack.body.byteLength) break;
    rows.push({ layouts, body: [new Uint8Array(buffer, byteOffset + offset, end - offset)] });
    offset = end;
  }
  if (rows.length < pack.rowCount || offset !== pack.body.byteLength) {
    throw new InferenceError(
      "invalidArgument",
      `the body has ${pack.body.byteLength} bytes, expected the sum of "bytes"`,
    );
  }
  return rows;
}
