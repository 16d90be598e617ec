import type { Datatype, TensorSpec } from "@sluice/protocol";
import type { Decoder } from "./decoder.ts";

/**
 * A tensor at the engine's door. `buffer` holds exactly its elements and belongs to whoever holds the tensor: giving it to
 * {@link Engine.run} gives it away (it is transferred, not copied). Layout as in the protocol's `Tensor`:
 * little-endian, row-major, BYTES as uint32 length + bytes per element.
 */
export interface EngineTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly buffer: ArrayBuffer;
}

export interface EngineRun {
  readonly outputs: readonly EngineTensor[];
  /** Time the run kept the engine busy, in milliseconds. */
  readonly inferenceMs: number;
  /**
   * Time that the engine did nothing else because of the way there and back, in milliseconds; 0 where there is none. Of runs
   * behind each other, this and {@link inferenceMs} add up to no more than the time that passes.
   */
  readonly transferMs: number;
}

/** What a loaded model declares, read from its file. */
export interface EngineSignature {
  /** `shape` as in the file, variable axes -1. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Whether the first axis of every input and output has the same meaning, so that rows can be joined. */
  readonly hasBatchAxis: boolean;
  /** Rows that every run must have, where the file fixes the batch axis; absent where it is variable or there is none. */
  readonly fixedBatchSize?: number;
}

/**
 * One loaded instance of a model. It runs one batch at a time. A run that is given to it while another is going on starts
 * as soon as that has ended.
 * Never blocks the thread it was created on.
 */
export interface Engine extends AsyncDisposable {
  readonly signature: EngineSignature;
  /** Time from the call of load until it was ready, in milliseconds. */
  readonly loadMs: number;
  /** Continues sequences; absent for a model that is no decoder with keys and values as inputs and outputs. */
  readonly decoder?: Decoder;
  /**
   * Runs the model once.
   * @throws {InferenceError} `invalidArgument` when the model refuses the inputs (they should have been checked before);
   * `internal` when the run failed, the engine stays usable; `unavailable` when the engine is closed or its thread died.
   */
  run(inputs: readonly EngineTensor[]): Promise<EngineRun>;
  /** Waits for the run that is going on, then frees everything. A run after it is refused. */
  close(): Promise<void>;
}
