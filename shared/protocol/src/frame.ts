import type { Code } from "./code.ts";
import type { ErrorDetails } from "./error.ts";
import type { Accept, Parameters } from "./request.ts";
import type { TensorLayout } from "./tensor.ts";

/** Where a request's time went, in milliseconds. */
export interface Timings {
  /** From the caller's call until its batch left the owner. */
  readonly queuedMs: number;
  /** From the batch's arrival at the worker until its engine run was handed over: preprocessing and assembly. */
  readonly batchMs: number;
  /** Between the worker's main thread and the engine thread, both ways. */
  readonly transferMs: number;
  /** The engine's own run; for a sequence its part of all its decode steps so far. */
  readonly inferenceMs: number;
  /** From the call until the frame was sent, as far as Sluice saw it; the SDK replaces it by what the caller saw. */
  readonly totalMs: number;
  /** From the call until the first token was generated, as far as Sluice saw it; absent before, and for models that do not generate. */
  readonly firstTokenMs?: number;
  /** Mean time between two tokens after the first; absent as long as there is none. */
  readonly tokenMs?: number;
}

/** One piece of a result. A result that is not streamed is one frame: number 0, final. */
export interface Frame {
  readonly id: string;
  readonly tenant: string;
  readonly reply: string;
  readonly accept: Accept;
  /** With `id` and `attempt` it names the run. */
  readonly epoch: number;
  readonly attempt: number;
  /** 0, 1, 2, … within the run. */
  readonly frame: number;
  readonly final: boolean;
  readonly code: Code;
  /** Empty when the code is `ok`. */
  readonly message: string;
  readonly details: ErrorDetails;
  /** 0 = not said. */
  readonly retryAfterMs: number;
  readonly timings: Timings;
  readonly outputs: readonly TensorLayout[];
  /** Tensor bytes in the order of `outputs`; a decoded frame has one chunk, a view into its message. */
  readonly body: readonly Uint8Array[];
  /** What the model adds beside tensors, such as `finish_reason`. */
  readonly parameters: Parameters;
}
