import { readCells, writeCells, type ColumnForm, type WrittenCells } from "./column-forms.ts";
import type { Check, Fields } from "./fields.ts";
import { readNumbers, sameNumber, type NumberCells } from "./number-cells.ts";

/** One field of a pack's rows: where it comes from, what it must hold, and what it is when a pack does not mention it. */
export interface Column<Row, Value> {
  readonly valueOf: (row: Row) => Value;
  readonly check: Check<Value>;
  /** `undefined`: the column must be there. */
  readonly fallback: Value | undefined;
  /** How its cells travel where they differ. */
  readonly form: ColumnForm;
  /** Whether all words of a column are right, told by one look at them together; where not, each is checked. */
  readonly areRight?: (joined: string, words: readonly unknown[]) => boolean;
  /** Whether it has its default in every row that is plain: see `isPlain` of a row format. */
  readonly isRare?: boolean;
}

/** Makes the columns of one row type. */
export interface ColumnMaker<Row> {
  number(valueOf: (row: Row) => number, check: Check<number>, fallback: number): Column<Row, number>;
  rareNumber(valueOf: (row: Row) => number, check: Check<number>, fallback: number): Column<Row, number>;
  /** For everything that is neither number nor word. */
  rare<Value>(valueOf: (row: Row) => Value, check: Check<Value>, fallback: Value): Column<Row, Value>;
}

export function createColumnMaker<Row>(): ColumnMaker<Row> {
  return {
    number: (valueOf, check, fallback) => ({ valueOf, check, fallback, form: "numbers" }),
    rareNumber: (valueOf, check, fallback) => ({ valueOf, check, fallback, form: "numbers", isRare: true }),
    rare: (valueOf, check, fallback) => ({ valueOf, check, fallback, form: "list", isRare: true }),
  };
}

/** The fields of a row type, by their names on the wire. */
export type Columns<Row> = Readonly<Record<string, Column<Row, unknown>>>;

/** The decoded values of one column, of numbers apart; one value may stand for all rows. */
export interface Cells<Value> {
  readonly values: readonly Value[];
  /** 0 when the one value stands for all rows, else 1. */
  readonly step: 0 | 1;
}

export type CellsOf<C> = {
  readonly [K in keyof C]: C[K] extends Column<never, infer Value>
    ? Value extends number
      ? NumberCells
      : Cells<Value>
    : never;
};

/** The fields of all rows of a pack. */
export interface ReadRows<C> {
  readonly cells: CellsOf<C>;
  /** Whether no rare column is mentioned, so that each has its default in every row. */
  readonly arePlain: boolean;
}

/** The two maps of a pack that hold its fields. */
export interface WrittenColumns {
  readonly same: Record<string, unknown>;
  readonly columns: Record<string, WrittenCells>;
}

/** Writes one field of all rows to where it costs least: nowhere (its default), once, or row by row. */
export function writeColumn<Row>(
  written: WrittenColumns,
  name: string,
  { column, rows }: { column: Omit<Column<Row, unknown>, "check">; rows: readonly Row[] },
): void {
  const [firstRow] = rows;
  if (firstRow === undefined) return;
  const { valueOf, form, fallback } = column;
  const first = valueOf(firstRow);
  if (differ(rows, valueOf, first)) written.columns[name] = writeCells(form, valuesOf(rows, valueOf));
  else if (!isSame(first, fallback)) written.same[name] = first;
}

function differ<Row>(rows: readonly Row[], valueOf: (row: Row) => unknown, first: unknown): boolean {
  for (const row of rows) if (!isSame(valueOf(row), first)) return true;
  return false;
}

/**
 * What `valueOf` gives for each row. A loop on purpose, as wherever packs are written: V8 copies `map` and `every` with what they
 * call into each caller and compiles all of it anew for every kind of array. Without them, the services and a client take a tenth
 * fewer instructions for their first 50,000 requests.
 */
export function valuesOf<Row, Value>(rows: readonly Row[], valueOf: (row: Row) => Value): Value[] {
  const values: Value[] = [];
  for (const row of rows) values.push(valueOf(row));
  return values;
}

/** The parts of a pack that hold its fields. */
interface FieldParts {
  readonly same: Fields;
  readonly columns: Fields;
  readonly rowCount: number;
}

/**
 * Makes a reader of the fields of all rows, which checks each value. It looks at the fields that a pack mentions: most are not.
 * The reader throws {@link InferenceError} `invalidArgument` for a value of the wrong type, a column of the wrong length or a
 * missing one.
 */
export function createColumnReader<C extends Columns<never>>(columns: C): (pack: FieldParts) => ReadRows<C> {
  const known = new Map<string, Column<never, unknown>>(Object.entries(columns));
  const required = [...known].filter(([, { fallback }]) => fallback === undefined);
  const absent: Readonly<Record<string, Cells<unknown> | NumberCells>> = Object.fromEntries(
    [...known].map(([name, { form, fallback }]) => [
      name,
      form === "numbers" ? sameNumber(Number(fallback)) : { values: [fallback], step: 0 },
    ]),
  );
  return (pack) => {
    const cells = { ...absent };
    let arePlain = true;
    const read = (name: string): void => {
      const column = known.get(name);
      if (column === undefined) return;
      cells[name] =
        column.form === "numbers" ? readNumberColumn(name, column, pack) : readColumn(name, column, pack);
      if (column.isRare === true) arePlain = false;
    };
    for (const name in pack.same) read(name);
    for (const name in pack.columns) read(name);
    for (const [name, column] of required) {
      if (cells[name] === absent[name]) cells[name] = readColumn(name, column, pack);
    }
    return { cells: cells as CellsOf<C>, arePlain };
  };
}

/** Reads one field of all rows that is a number and has a default, see {@link createColumnReader}. */
function readNumberColumn(
  name: string,
  { check, fallback }: Pick<Column<never, unknown>, "check" | "fallback">,
  { same, columns, rowCount }: FieldParts,
): NumberCells {
  const written = columns[name];
  if (written !== undefined) return readNumbers(name, check, { written, rowCount });
  const value = same[name];
  return sameNumber(Number(value === undefined ? fallback : check(value, name)));
}

/** Reads one field of all rows that is no number, see {@link createColumnReader}. */
export function readColumn<Value>(
  name: string,
  { check, fallback, areRight }: Pick<Column<never, Value>, "check" | "fallback" | "areRight">,
  pack: FieldParts,
): Cells<Value> {
  const written = pack.columns[name];
  if (written === undefined) {
    const value = pack.same[name];
    if (value !== undefined || (fallback === undefined && pack.rowCount > 0)) {
      return { values: [check(value, name)], step: 0 };
    }
    return { values: fallback === undefined ? [] : [fallback], step: 0 };
  }
  const cells = readCells(name, written, pack.rowCount);
  if (areRight === undefined || typeof written !== "string" || !areRight(written, cells)) {
    for (let row = 0; row < cells.length; row++) cells[row] = check(cells[row], name);
  }
  return { values: cells as Value[], step: 1 };
}

/** The value of one row; `row` must be below the pack's row count. */
export function cellAt<Value>({ values, step }: Cells<Value>, row: number): Value {
  return values[row * step] as Value;
}

/** The values of some rows, whose numbers must be below the number of `values`. */
export function cellsAt<Value>(values: readonly Value[], rows: readonly number[]): Value[] {
  return rows.map((row) => values[row] as Value);
}

/** Whether two field values are the same: scalars, lists and maps of them. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((element, index) => isSame(element, right[index]));
  }
  const entries = Object.entries(left);
  if (entries.length !== Object.keys(right).length) return false;
  const others = new Map<string, unknown>(Object.entries(right));
  return entries.every(([key, value]) => others.has(key) && isSame(value, others.get(key)));
}

/** Whether a map has no entries. */
export function isEmpty(map: Fields): boolean {
  for (const _key in map) return false;
  return true;
}
