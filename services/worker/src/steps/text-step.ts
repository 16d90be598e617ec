import type { EngineTensor } from "@sluice/engine";

/** One text made ready for the engine; rows of a tokenizer differ in length. */
export type PreparedRow = ArrayLike<number>;

/**
 * A declared preprocessing step: turns texts into the engine's input. Runs on the worker's main thread.
 * Pure once created; files it needs are read before.
 */
export interface TextStep {
  /** Name of the form's input it reads, a BYTES tensor with one text an item. */
  readonly input: string;
  /** Name of the engine's input it fills. */
  readonly output: string;
  /** Most elements of a row; 1 where all texts make rows of one length. */
  readonly maxLength: number;
  /**
   * Prepares one text.
   * @throws {InferenceError} `invalidArgument` when the model cannot take this text.
   */
  prepareRow(text: string): PreparedRow;
  /** Elements of a row; 1 where all texts make rows of one length. */
  lengthOf(row: PreparedRow): number;
  /** Length that rows are padded to where the longest has `length`: one of few, so that the engine sees few shapes. */
  paddedLength(length: number): number;
  /** Joins rows, at least one and none longer than `length`, into one tensor `[rows, length]`, row-major, in a buffer of its own. */
  joinRows(rows: readonly PreparedRow[], length: number): EngineTensor;
}
