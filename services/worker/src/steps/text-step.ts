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
  /**
   * Prepares one text.
   * @throws {InferenceError} `invalidArgument` when the model cannot take this text.
   */
  prepareRow(text: string): PreparedRow;
  /** Joins rows, at least one, into one tensor `[rows, longest]`, row-major, in a buffer of its own. */
  joinRows(rows: readonly PreparedRow[]): EngineTensor;
}
