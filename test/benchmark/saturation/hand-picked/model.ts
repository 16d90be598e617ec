import type { EngineTensor } from "@sluice/engine";

/** What someone who knows a model writes around it: from bytes to a row, and from the rows of a run to answers. */
export interface HandPickedModel<Row> {
  readonly modelPath: string;
  /** Whether rows of different lengths may be in one run, each padded to the longest. */
  readonly isPadded: boolean;
  prepare(bytes: Uint8Array): Row;
  lengthOf(row: Row): number;
  join(rows: readonly Row[]): EngineTensor;
  /** An answer for each row of a run. */
  answer(outputs: readonly EngineTensor[], rowCount: number): readonly Uint8Array[];
}

/**
 * The only output of a run.
 * @throws {Error} where there is none: the file is not the model that the code around it was written for.
 */
export function onlyOutput([output]: readonly EngineTensor[]): Float32Array {
  if (output?.datatype !== "FP32") throw new Error("the model gave no FP32 output");
  return new Float32Array(output.buffer);
}
