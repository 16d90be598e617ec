import { numberBytes, readCells, writeNumbers } from "./column-forms.ts";
import { wrongField, type Check } from "./fields.ts";

/**
 * The decoded numbers of one column, left where they stand in the message. Not a list: code that reads lists of words and lists
 * of fractions has V8 turn the latter into lists of objects first.
 */
export interface NumberCells {
  readonly view: DataView;
  /** 0 when {@link same} stands for all rows. */
  readonly stepBytes: number;
  readonly same: number;
}

const noView = new DataView(new ArrayBuffer(0));

/** One number for all rows. */
export function sameNumber(same: number): NumberCells {
  return { view: noView, stepBytes: 0, same };
}

/**
 * Reads a column of numbers that differ, in any form, and checks each.
 * @throws {InferenceError} `invalidArgument` when it has not one for each row, or a wrong one.
 */
export function readNumbers(
  name: string,
  check: Check<unknown>,
  { written, rowCount }: { readonly written: unknown; readonly rowCount: number },
): NumberCells {
  const bytes =
    written instanceof Uint8Array
      ? written
      : writeNumbers(readCells(name, written, rowCount).map((cell) => check(cell, name)));
  if (bytes.length !== rowCount * numberBytes) throw wrongField(name, written, `a column of ${rowCount}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let offset = 0; offset < bytes.length; offset += numberBytes) {
    check(view.getFloat64(offset, true), name);
  }
  return { view, stepBytes: numberBytes, same: 0 };
}

/** The number of one row; `row` must be below the pack's row count. */
export function numberAt({ view, stepBytes, same }: NumberCells, row: number): number {
  return stepBytes === 0 ? same : view.getFloat64(row * stepBytes, true);
}
