import type { InferenceError } from "@sluice/protocol";

/** The next tokens of one sequence in a step. */
export interface StepRow {
  /** Names the sequence; a number that the decoder does not know begins one. Once a step. */
  readonly sequence: number;
  /** What the model has not seen of it, at least one token. */
  readonly tokens: readonly number[];
}

/** What one step is asked for. */
export interface StepRequest {
  readonly rows: readonly StepRow[];
  /** Sequences whose keys and values are freed before the step; unknown ones are ignored. */
  readonly forgotten: readonly number[];
}

/** What a step gave one row. */
export type StepOutcome =
  | {
      readonly kind: "token";
      /** The token with the highest score after the row's last one. */
      readonly token: number;
      /** The row's part of the step, in milliseconds: rows that ran together share their run equally. */
      readonly inferenceMs: number;
    }
  /** The model cannot take this row, even alone. Its sequence is as it was before the step. */
  | { readonly kind: "failed"; readonly error: InferenceError };

export interface DecoderStep {
  /** In the order of the rows. */
  readonly outcomes: readonly StepOutcome[];
  /** Time the step kept the engine busy, in milliseconds. */
  readonly inferenceMs: number;
  /** As {@link EngineRun.transferMs}. */
  readonly transferMs: number;
}

/**
 * Continues sequences token by token, many in one step. The engine keeps what it knows of each sequence (the keys and
 * values of every token it has seen) between steps, so only token ids go in and out. Sequences of different length share
 * a step, and may join and leave with each; what a sequence is given does not depend on who else is in the step, apart
 * from rounding.
 */
export interface Decoder {
  /** Bytes of keys and values for each token of a sequence. */
  readonly tokenBytes: number;
  /**
   * Runs one step: rows with one token together, then the others by their number of tokens. Steps and runs of the engine
   * go one after the other.
   * @throws {InferenceError} `invalidArgument` for a row without tokens or a sequence that comes twice; `unavailable` when the
   * engine is closed or its thread died: all sequences are lost.
   */
  step(request: StepRequest): Promise<DecoderStep>;
}
