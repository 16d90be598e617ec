/** What every arm of the benchmark offers its load: one call of a model with one input and one output. */
export interface BenchmarkClient {
  /** Resolves with an aligned copy of what came back. `input` must not be changed afterwards. */
  call(input: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
}
