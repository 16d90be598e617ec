import type { AdmittedRequest, Code, Frame, InferenceError, Timings } from "@sluice/protocol";
import { errorFrame, frameDefaults } from "@sluice/protocol";

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

/** Makes the final frame with a request's result: in one literal, since there is one for each request. */
export function resultFrame(request: AdmittedRequest, result: ResultTensors, moment: Moment): Frame {
  return {
    id: request.id,
    tenant: request.tenant,
    reply: request.reply,
    accept: request.accept,
    epoch: moment.batch.work.epoch,
    attempt: request.attempt,
    frame: frameDefaults.frame,
    final: frameDefaults.final,
    code: frameDefaults.code,
    message: frameDefaults.message,
    details: frameDefaults.details,
    retryAfterMs: frameDefaults.retryAfterMs,
    timings: timingsOf(request, moment),
    outputs: result.outputs,
    body: result.body,
    parameters: frameDefaults.parameters,
  };
}

/** Makes the final frame with a request's error. */
export function failureFrame(request: AdmittedRequest, error: InferenceError, moment: Moment): Frame {
  const frame = errorFrame(request, { epoch: moment.batch.work.epoch }, error);
  return { ...frame, timings: timingsOf(request, moment) };
}

/** Says where the time of a request went until now. */
export function timingsOf(request: AdmittedRequest, { batch, nowMs, times }: Moment): Timings {
  const { queuedMs } = request;
  return {
    queuedMs,
    batchMs: times.batchMs,
    transferMs: times.transferMs,
    inferenceMs: times.inferenceMs,
    totalMs: queuedMs + nowMs - batch.arrivedMs,
  };
}

/** Counts frames by their code. */
export function countCodes(frames: readonly Frame[]): ReadonlyMap<Code, number> {
  const counts = new Map<Code, number>();
  let okCount = 0;
  for (const { code } of frames) {
    if (code === "ok") okCount += 1;
    else counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  if (okCount > 0) counts.set("ok", okCount);
  return counts;
}
