import type { StageTimes } from "./load-order.ts";

/** What every arm of the benchmark offers its load: one call of a model with one input and one output. */
export interface BenchmarkClient {
  /** Resolves with an aligned copy of what came back. `input` must not be changed afterwards. */
  call(input: Float32Array): Promise<Float32Array>;
  /** Where the time of its calls went since this was asked last; absent where nobody tells. */
  takeStages?(): StageTimes | undefined;
  close(): Promise<void>;
}
