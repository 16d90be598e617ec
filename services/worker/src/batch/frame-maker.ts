import type { AdmittedRequest, Code, Frame, InferenceError, Timings } from "@sluice/protocol";
import { createFrame, errorFrame } from "@sluice/protocol";

import type { OpenBatch } from "./open-batch.ts";
import type { ResultTensors } from "./slice-outputs.ts";

/** What the runs of a request took, in milliseconds. */
export interface RunTimes {
  /** From the batch's arrival until the run was handed over. */
  readonly batchMs: number;
  readonly transferMs: number;
  readonly inferenceMs: number;
}

/** Times of a request that never reached the engine. */
export const noTimes: RunTimes = { batchMs: 0, transferMs: 0, inferenceMs: 0 };

/** When a frame of a batch is made, and what its runs took. */
export interface Moment {
  readonly batch: OpenBatch;
  readonly nowMs: number;
  readonly times: RunTimes;
}

/** Makes the final frame with a request's result. */
export function resultFrame(request: AdmittedRequest, result: ResultTensors, moment: Moment): Frame {
  const { outputs, body } = result;
  return createFrame(request, {
    epoch: moment.batch.work.epoch,
    timings: timingsOf(request, moment),
    outputs,
    body,
  });
}

/** Makes the final frame with a request's error. */
export function failureFrame(request: AdmittedRequest, error: InferenceError, moment: Moment): Frame {
  const frame = errorFrame(request, { epoch: moment.batch.work.epoch }, error);
  return { ...frame, timings: timingsOf(request, moment) };
}

/** Says where the time of a request went until now. */
export function timingsOf(request: AdmittedRequest, { batch, nowMs, times }: Moment): Timings {
  return { queuedMs: request.queuedMs, ...times, totalMs: request.queuedMs + nowMs - batch.arrivedMs };
}

/** Counts frames by their code. */
export function countCodes(frames: readonly Frame[]): ReadonlyMap<Code, number> {
  const counts = new Map<Code, number>();
  for (const { code } of frames) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
