import type { AdmittedRequest, Frame, InferenceError, Timings } from "@sluice/protocol";
import { createFrame, encodeStrings } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";

import { failureFrame, noTimes, timingsOf } from "../batch/frame-maker.ts";
import type { OpenBatch } from "../batch/open-batch.ts";
import type { Generation } from "./generation.ts";
import { finishReasonParameter } from "./generation.ts";
import type { Sequence } from "./sequence.ts";

/** Makes the frames of one sequence. */
export interface SequenceFrames {
  /** Frames made so far; the number of the next. */
  readonly count: number;
  /** The frame of the token that the sequence has just got, if it has one. */
  next(sequence: Sequence): Frame | undefined;
  /** The final frame of a sequence that failed; there may be none yet. */
  failure(error: InferenceError, sequence: Sequence | undefined): Frame;
}

export interface SequenceFramesOptions {
  readonly batch: OpenBatch;
  readonly generation: Generation;
  readonly clock: Clock;
}

/** Creates the maker of the frames that answer `request`. */
export function createSequenceFrames(
  request: AdmittedRequest,
  { batch, generation, clock }: SequenceFramesOptions,
): SequenceFrames {
  const { alphabet, output } = generation;
  let count = 0;
  let text = "";
  let tokenCount = 0;
  let firstTokenAtMs = 0;

  const timings = (sequence: Sequence | undefined): Timings => {
    const { inferenceMs, transferMs } = sequence?.share ?? { inferenceMs: 0, transferMs: 0 };
    const batchMs = (sequence?.startedMs ?? batch.arrivedMs) - batch.arrivedMs;
    const nowMs = clock.monotonicMs();
    const all = timingsOf(request, { batch, nowMs, times: { batchMs, inferenceMs, transferMs } });
    if (tokenCount === 0) return all;
    const firstTokenMs = request.queuedMs + firstTokenAtMs - batch.arrivedMs;
    if (tokenCount === 1) return { ...all, firstTokenMs };
    return { ...all, firstTokenMs, tokenMs: (nowMs - firstTokenAtMs) / (tokenCount - 1) };
  };

  return {
    get count() {
      return count;
    },
    next: (sequence) => {
      const { finishReason } = sequence;
      const isFinal = finishReason !== undefined;
      text += alphabet.decode(sequence.tokens.at(-1) ?? -1);
      tokenCount += 1;
      if (tokenCount === 1) firstTokenAtMs = clock.monotonicMs();
      if (!request.stream && !isFinal) return undefined;
      const frame = createFrame(request, {
        epoch: batch.work.epoch,
        frame: count,
        final: isFinal,
        timings: timings(sequence),
        outputs: [{ name: output, datatype: "BYTES", shape: [1] }],
        body: [encodeStrings([text])],
        parameters: isFinal ? { [finishReasonParameter]: finishReason } : {},
      });
      count += 1;
      text = "";
      return frame;
    },
    failure: (error, sequence) => ({
      ...failureFrame(request, error, { batch, nowMs: clock.monotonicMs(), times: noTimes }),
      timings: timings(sequence),
      frame: count,
    }),
  };
}
