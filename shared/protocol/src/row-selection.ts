import { formOf, readCells } from "./column-forms.ts";
import { cellsAt, writeColumn, type WrittenColumns } from "./columns.ts";
import { writePack } from "./encode-pack.ts";
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
  const columnsToCut = Object.entries(columns)
    .filter(([name]) => !(name in tensorColumns))
    .map(([name, written]) => ({
      name,
      cells: readCells(name, written, rowCount),
      column: { ...anyColumn, form: formOf(written) },
    }));

  return (rows) => {
    const written: WrittenColumns = { same: { ...same }, columns: {} };
    for (const name in tensorColumns) delete written.same[name];
    for (const { name, cells, column } of columnsToCut) {
      writeColumn(written, name, { column, rows: cellsAt(cells, rows) });
    }
    return writePack(head, written, { layouts: cellsAt(layouts, rows), bodies: cellsAt(bodies, rows) });
  };
}
