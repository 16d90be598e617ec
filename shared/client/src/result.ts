import type { Frame, Parameters, Timings } from "@sluice/protocol";
import { outputsOf, type Outputs } from "./result-tensor.ts";

/** What a call is answered with. */
export interface Result {
  /** Id of the request that was answered: what logs of the services name. */
  readonly id: string;
  readonly model: string;
  readonly version: string;
  readonly outputs: Outputs;
  /** What the model adds beside tensors. */
  readonly parameters: Parameters;
  /** `totalMs` is the caller's own measure, from the call to its answer. */
  readonly timings: Timings;
}

/** One piece of a streamed result. */
export interface StreamFrame extends Result {
  /** 0, 1, 2, … */
  readonly frame: number;
  /** Whether it is the last one. */
  readonly final: boolean;
}

/** Where a frame came from; the frames of one message share it. */
export interface FrameOrigin {
  readonly model: string;
  readonly version: string;
  /** When the message was read, on the monotonic clock. */
  readonly receivedMs: number;
}

/**
 * @param totalMs from the call until the frame came.
 * @throws {InferenceError} `invalidArgument` when the frame's body and layouts do not go together.
 */
export function toResult(frame: Frame, origin: FrameOrigin, totalMs: number): Result {
  const { timings } = frame;
  return {
    id: frame.id,
    model: origin.model,
    version: origin.version,
    outputs: outputsOf(frame),
    parameters: frame.parameters,
    timings: callerTimings(timings, totalMs),
  };
}

/** In one literal where it can be: there is one for each result. */
function callerTimings(timings: Timings, totalMs: number): Timings {
  if (timings.firstTokenMs !== undefined) return { ...timings, totalMs };
  return {
    queuedMs: timings.queuedMs,
    batchMs: timings.batchMs,
    transferMs: timings.transferMs,
    inferenceMs: timings.inferenceMs,
    totalMs,
  };
}

/** As {@link toResult}. */
export function toStreamFrame(frame: Frame, origin: FrameOrigin, totalMs: number): StreamFrame {
  return { ...toResult(frame, origin, totalMs), frame: frame.frame, final: frame.final };
}
