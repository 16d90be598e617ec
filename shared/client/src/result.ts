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

/** Which model a frame came from, and when its call began. */
export interface FrameOrigin {
  readonly model: string;
  readonly version: string;
  /** Since the call, in milliseconds. */
  readonly totalMs: number;
}

/** @throws {InferenceError} `invalidArgument` when the frame's body and layouts do not go together. */
export function toResult(frame: Frame, { model, version, totalMs }: FrameOrigin): Result {
  const { id, parameters, timings } = frame;
  return { id, model, version, outputs: outputsOf(frame), parameters, timings: { ...timings, totalMs } };
}

/** @throws {InferenceError} as {@link toResult}. */
export function toStreamFrame(frame: Frame, origin: FrameOrigin): StreamFrame {
  return { ...toResult(frame, origin), frame: frame.frame, final: frame.final };
}
