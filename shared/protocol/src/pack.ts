import { createColumnReader } from "./columns.ts";
import { count, fields, wholeNumber, wrongField, type Fields } from "./fields.ts";
import { InferenceError } from "./error.ts";
import { fromWireLayouts } from "./layouts.ts";
import { maxPackRows } from "./limits.ts";
import { fromMsgpack } from "./msgpack.ts";
import { numberAt, type NumberCells } from "./number-cells.ts";
import type { TensorLayout } from "./tensor.ts";

/** The tensors of one row: every row type of a pack has them, under its own names. */
export interface RowTensors {
  readonly layouts: readonly TensorLayout[];
  readonly body: readonly Uint8Array[];
}

/** The two columns that say which tensor bytes and which layouts belong to a row. */
export const tensorColumns = {
  bytes: { valueOf: (bytes: number) => bytes, check: count, fallback: 0, form: "numbers" },
  layout: { valueOf: (index: number) => index, check: count, fallback: 0, form: "numbers" },
} as const;

const readTensorColumns = createColumnReader(tensorColumns);

/** The parts of a decoded pack, before any column is read. */
export interface PackParts {
  readonly head: Fields;
  readonly same: Fields;
  readonly columns: Fields;
  readonly rowCount: number;
  readonly body: Uint8Array;
}

/** A pack whose body is cut into rows, before the other columns are read. */
export interface Pack extends PackParts {
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
  return cutPack(readParts(value));
}

/**
 * Takes a pack apart and looks no further.
 * @throws {InferenceError} `invalidArgument` when a part is not what it must be.
 */
export function readParts(value: unknown): PackParts {
  if (!isPackForm(value)) throw wrongField("message", value, "[head, same, columns, body]");
  const head = fields(value[0], "head");
  const body = value[3];
  if (!(body instanceof Uint8Array)) throw wrongField("body", body, "bytes");
  return {
    head,
    same: fields(value[1], "same"),
    columns: fields(value[2], "columns"),
    rowCount: checkRowCount(head["count"], "count"),
    body,
  };
}

/**
 * Reads the layouts of a pack and which bytes belong to which row.
 * @throws {InferenceError} `invalidArgument` when the body is not as long as its rows say.
 */
export function cutPack(parts: PackParts): Pack {
  const { head, same, columns, rowCount, body } = parts;
  const layouts = fromWireLayouts(head["layouts"], "layouts");
  const { bytes, layout } = readTensorColumns(parts).cells;
  return {
    head,
    same,
    columns,
    rowCount,
    body,
    tensors: cutRows({ bytes, layout, layouts, body, rowCount }),
  };
}

function cutRows(pack: {
  bytes: NumberCells;
  layout: NumberCells;
  layouts: readonly (readonly TensorLayout[])[];
  body: Uint8Array;
  rowCount: number;
}): RowTensors[] {
  const { buffer, byteOffset } = pack.body;
  const rows: RowTensors[] = [];
  let offset = 0;
  for (let row = 0; row < pack.rowCount; row++) {
    const layouts = pack.layouts[numberAt(pack.layout, row)];
    if (layouts === undefined) {
      throw wrongField("layout", numberAt(pack.layout, row), `a number below ${pack.layouts.length}`);
    }
    const end = offset + numberAt(pack.bytes, row);
    if (end > pack.body.length) break;
    rows.push({ layouts, body: [new Uint8Array(buffer, byteOffset + offset, end - offset)] });
    offset = end;
  }
  if (rows.length < pack.rowCount || offset !== pack.body.length) {
    throw new InferenceError(
      "invalidArgument",
      `the body has ${pack.body.length} bytes, expected the sum of "bytes"`,
    );
  }
  return rows;
}
