import { cellsAt, writeColumn, type WrittenColumns } from "./columns.ts";
import { writePack } from "./encode-pack.ts";
import { wrongField } from "./fields.ts";
import { tensorColumns, type Pack } from "./pack.ts";

/** Cells as they came, for rows that are passed on: whatever they are, they are written. */
const anyColumn = { valueOf: (cell: unknown) => cell, fallback: undefined };

/**
 * Prepares the writing of packs with some rows of another, under the same head. Fields that are not known here are copied too,
 * and none is checked.
 * @returns a function that writes the pack of the rows with the given numbers; it is no larger than the pack they come from.
 * @throws {InferenceError} `invalidArgument` when a column is not as long as the pack.
 */
export function createRowSelection(pack: Pack): (rows: readonly number[]) => Uint8Array {
  const { same, columns, rowCount, tensors } = pack;
  const { count: _count, layouts: _layouts, ...head } = pack.head;
  const layouts = tensors.map((row) => row.layouts);
  const bodies = tensors.map((row) => row.body);
  const lists = Object.entries(columns)
    .filter(([name]) => !(name in tensorColumns))
    .map(([name, list]) => ({ name, list: toList(name, list, rowCount) }));

  return (rows) => {
    const written: WrittenColumns = { same: { ...same }, columns: {} };
    for (const name in tensorColumns) delete written.same[name];
    for (const { name, list } of lists) {
      writeColumn(written, name, { column: anyColumn, rows: cellsAt(list, rows) });
    }
    return writePack(head, written, { layouts: cellsAt(layouts, rows), bodies: cellsAt(bodies, rows) });
  };
}

function toList(name: string, list: unknown, rowCount: number): readonly unknown[] {
  if (!Array.isArray(list) || list.length !== rowCount) throw wrongField(name, list, `a list of ${rowCount}`);
  return list;
}
