import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { createFrame, encodeStrings, InferenceError, parkedStreamMs, windowFrames } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { linkSignals } from "@sluice/runtime";

import type { Moment } from "../batch/frame-maker.ts";
import { countCodes, failureFrame, noTimes, timingsOf } from "../batch/frame-maker.ts";
import type { OpenBatch } from "../batch/open-batch.ts";
import { obstacleTo } from "../batch/open-batch.ts";
import type { FrameStream } from "../delivery/frame-stream.ts";
import type { EngineLease, EngineSlots } from "../slots/engine-slots.ts";
import type { WorkerEvent } from "../worker-event.ts";
import type { Generation } from "./generation.ts";
import { finishReasonParameter } from "./generation.ts";
import { readPrompt } from "./prompt.ts";
import type { GeneratedStep, Sequence } from "./sequence.ts";
import { createSequence } from "./sequence.ts";
import { createStreamWindow } from "./stream-window.ts";

/** How a sequence ended. */
export interface SequenceOutcome {
  readonly costMs: number;
  /** `returned`: nothing was sent, another worker may run it; `failed`: its engine died before anything was sent. */
  readonly end: "answered" | "returned" | "failed";
}

export interface RunSequenceOptions {
  readonly batch: OpenBatch;
  readonly model: string;
  readonly generation: Generation;
  readonly slots: EngineSlots;
  readonly clock: Clock;
  readonly openStream: (onGone: (ids: readonly string[]) => void) => FrameStream;
  /** Ends sequences that have not started. */
  readonly notStarted: AbortSignal;
  /** Ends every sequence. */
  readonly ended: AbortSignal;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Continues one prompt, greedily, character by character, and sends the frames: one a character for a request that
 * streams, else one with the whole text. Waits for a slot and an engine, and gives both back while the stream is parked:
 * its reader has no window, or the results service has not taken what was sent. Parked for 30 s it ends with
 * `resourceExhausted`. A cancellation takes effect before the next step. Never rejects.
 */
export async function runSequence(
  request: AdmittedRequest,
  options: RunSequenceOptions,
): Promise<SequenceOutcome> {
  const { batch, generation, slots, model, clock, notStarted, ended, onEvent } = options;
  using steer = linkSignals(ended);
  using start = linkSignals(steer.signal, notStarted);
  const window = createStreamWindow(request.accept === "json" ? Infinity : windowFrames);
  const stream = options.openStream((ids) => {
    if (ids.includes(request.id)) steer.abort(new InferenceError("canceled", "nobody listens to the stream"));
  });
  batch.sequences.set(request.id, { cancel: steer.abort, allow: window.allow });

  const frames = createSequenceFrames(request, options);
  let sequence: Sequence | undefined;
  let lease: EngineLease | undefined;
  let end: SequenceOutcome["end"] = "answered";
  const giveBack = (): void => {
    lease?.[Symbol.dispose]();
    lease = undefined;
  };
  const push = (frame: Frame): void => {
    stream.push(frame);
    if (frame.final) onEvent({ type: "requestsAnswered", model, codes: countCodes([frame]) });
  };

  try {
    sequence = createSequence(generation, readPrompt(generation, request));
    lease = await slots.acquire(model, start.signal);
    const obstacle = obstacleTo(request, { batch, nowMs: clock.monotonicMs() });
    if (obstacle !== undefined) throw obstacle;
    frames.start();
    for (;;) {
      steer.signal.throwIfAborted();
      lease ??= await slots.acquire(model, steer.signal);
      const step = await sequence.next(lease.engine);
      const frame = frames.next(step, sequence);
      if (frame !== undefined) push(frame);
      if (step.finishReason !== undefined) break;
      if (window.allows(frames.count) && stream.hasRoom) continue;
      giveBack();
      onEvent({ type: "streamParked", model });
      await stream.settled();
      if (stream.isLost) break;
      await waitForWindow(frames.count, { window, signal: steer.signal, clock });
    }
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    const isStopped = ended.aborted || notStarted.aborted;
    const isEngineDead = error.code === "unavailable" && !isStopped;
    if (isEngineDead) lease?.retire();
    if (isEngineDead || error.code === "internal") {
      onEvent({ type: "engineFailed", model, requestCount: 1, error });
    }
    if (frames.count > 0 || error.code !== "unavailable") push(frames.failure(error, sequence));
    else end = isStopped ? "returned" : "failed";
  } finally {
    giveBack();
  }
  await stream.settled();
  batch.sequences.delete(request.id);
  if (stream.isLost && !request.stream) end = "returned";
  const { inferenceMs, transferMs } = sequence ?? noTimes;
  if (inferenceMs > 0)
    onEvent({ type: "engineRan", model, items: 1, requestCount: 1, inferenceMs, transferMs });
  return { costMs: inferenceMs + transferMs, end };
}

interface WindowWait {
  readonly window: ReturnType<typeof createStreamWindow>;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

async function waitForWindow(frame: number, { window, signal, clock }: WindowWait): Promise<void> {
  using parked = linkSignals(signal);
  using _timer = clock.schedule(parkedStreamMs, () => {
    const message = `the stream waited ${parkedStreamMs} ms for its reader`;
    parked.abort(new InferenceError("resourceExhausted", message));
  });
  await window.waitFor(frame, parked.signal);
}

/** Makes the frames of one sequence. */
interface SequenceFrames {
  /** Frames made so far; the number of the next. */
  readonly count: number;
  /** Notes that the first step is handed to the engine now. */
  start(): void;
  /** The frame of a step, if it has one. */
  next(step: GeneratedStep, sequence: Sequence): Frame | undefined;
  /** The final frame of a sequence that failed; there may be none yet. */
  failure(error: InferenceError, sequence: Sequence | undefined): Frame;
}

function createSequenceFrames(
  request: AdmittedRequest,
  { batch, generation, clock }: RunSequenceOptions,
): SequenceFrames {
  let count = 0;
  let text = "";
  let batchMs = 0;

  const moment = (sequence: Sequence | undefined): Moment => {
    const { inferenceMs, transferMs } = sequence ?? noTimes;
    return { batch, nowMs: clock.monotonicMs(), times: { batchMs, inferenceMs, transferMs } };
  };

  return {
    start: () => {
      batchMs = clock.monotonicMs() - batch.arrivedMs;
    },
    get count() {
      return count;
    },
    next: ({ character, finishReason }, sequence) => {
      text += character;
      const now = moment(sequence);
      const isFinal = finishReason !== undefined;
      if (!request.stream && !isFinal) return undefined;
      const frame = createFrame(request, {
        epoch: batch.work.epoch,
        frame: count,
        final: isFinal,
        timings: timingsOf(request, now),
        outputs: [{ name: generation.output, datatype: "BYTES", shape: [1] }],
        body: [encodeStrings([text])],
        parameters: isFinal ? { [finishReasonParameter]: finishReason } : {},
      });
      count += 1;
      text = "";
      return frame;
    },
    failure: (error, sequence) => ({ ...failureFrame(request, error, moment(sequence)), frame: count }),
  };
}
