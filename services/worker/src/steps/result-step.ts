import type { Parameters, ParameterSpec, Tensor, TensorSpec } from "@sluice/protocol";

/** Rows of an engine's output that belong to one request: a view, row-major. */
export interface ScoreRows {
  readonly values: Float32Array;
  readonly items: number;
  /** Shape of each row. */
  readonly rowShape: readonly number[];
}

/**
 * A declared postprocessing step: turns scores of the engine into results. Runs on the worker's main thread.
 * Pure once created; files it needs are read before.
 */
export interface ResultStep {
  /** The engine's output it reads, FP32, one row an item. */
  readonly input: string;
  /** Shape that a row of it must have, -1 for any size. */
  readonly rowShape: readonly number[];
  /** The outputs as a request gets them that asks for no other number of results. */
  readonly outputs: readonly TensorSpec[];
  readonly parameters: readonly ParameterSpec[];
  /**
   * Number of results that a request asks for, for each item.
   * @throws {InferenceError} `invalidArgument` for a number it cannot give.
   */
  countOf(parameters: Parameters): number;
  /** Gives the results of each item, in the order of `outputs`; reads one item with each step, so that others come between. */
  toResults(scores: ScoreRows, count: number): Generator<void, readonly Tensor[]>;
}
