import type { AdmittedRequest, Frame } from "@sluice/protocol";
import { InferenceError, parkedStreamMs, windowFrames } from "@sluice/protocol";
import type { Clock } from "@sluice/runtime";
import { linkSignals } from "@sluice/runtime";

import { countCodes } from "../batch/frame-maker.ts";
import type { OpenBatch } from "../batch/open-batch.ts";
import { obstacleTo, tooLate } from "../batch/open-batch.ts";
import type { FrameStream } from "../delivery/stream-outbox.ts";
import type { WorkerEvent } from "../worker-event.ts";
import type { Generation } from "./generation.ts";
import { readPrompt } from "./prompt.ts";
import type { Sequence } from "./sequence.ts";
import { createSequence } from "./sequence.ts";
import { createSequenceFrames } from "./sequence-frames.ts";
import type { StepLoop } from "./step-loop.ts";
import type { StepLoops } from "./step-loops.ts";
import { createStreamWindow } from "./stream-window.ts";

/** How a sequence ended. */
export interface SequenceOutcome {
  readonly costMs: number;
  /**
   * - `answered`: everything was sent.
   * - `returned`: nothing was sent, another worker may run it.
   * - `failed`: its engine died while it ran, before anything was sent; or frames of its stream were lost, and only another
   *   attempt tells the reader so.
   * - `unrun`: it was refused before its first step.
   */
  readonly end: "answered" | "returned" | "failed" | "unrun";
}

export interface RunSequenceOptions {
  readonly batch: OpenBatch;
  readonly model: string;
  readonly generation: Generation;
  readonly loops: StepLoops;
  readonly clock: Clock;
  readonly openStream: (onGone: () => void) => FrameStream;
  /** Ends sequences that have not started. */
  readonly notStarted: AbortSignal;
  /** Ends every sequence. */
  readonly ended: AbortSignal;
  readonly onEvent: (event: WorkerEvent) => void;
}

/**
 * Continues one prompt, greedily, character by character, in the step loop of an engine, and sends the frames: one a
 * character for a request that streams, else one with the whole text. It asks for no token while the stream is parked: its
 * reader has no window, or the results service has not taken what was sent. Parked for 30 s, or when others need its place, it
 * ends with `resourceExhausted`. A cancellation takes effect before the next step. Never rejects.
 */
export async function runSequence(
  request: AdmittedRequest,
  options: RunSequenceOptions,
): Promise<SequenceOutcome> {
  const { batch, generation, model, clock, notStarted, ended, onEvent } = options;
  using steer = linkSignals(ended);
  using start = linkSignals(notStarted);
  using _deadline = abortAtDeadline(request, { batch, clock, abort: start.abort });
  const window = createStreamWindow(request.accept === "json" ? Infinity : windowFrames);
  const stream = options.openStream(() => {
    steer.abort(new InferenceError("canceled", "nobody listens to the stream"));
  });

  const { tenant } = request;
  const asker = { tenant, expel: steer.abort, notStarted: start.signal, ended: steer.signal };
  const frames = createSequenceFrames(request, { batch, generation, clock });
  let sequence: Sequence | undefined;
  let loop: StepLoop | undefined;
  let end: SequenceOutcome["end"] = "answered";
  const costMs = (): number => (sequence?.share.inferenceMs ?? 0) + (sequence?.share.transferMs ?? 0);
  batch.sequences.set(request, { cancel: steer.abort, allow: window.allow, costMs });
  const push = (frame: Frame): void => {
    stream.push(frame);
    if (frame.final) onEvent({ type: "requestsAnswered", model, codes: countCodes([frame]) });
  };

  try {
    sequence = createSequence(generation, readPrompt(generation, request));
    const obstacle = obstacleTo(request, { batch, nowMs: clock.monotonicMs() });
    if (obstacle !== undefined) throw obstacle;
    loop = options.loops.pick(model);
    for (;;) {
      await loop.next(sequence, asker);
      const frame = frames.next(sequence);
      if (frame !== undefined) push(frame);
      if (sequence.finishReason !== undefined) break;
      if (window.allows(frames.count) && stream.hasRoom) continue;
      onEvent({ type: "streamParked", model });
      await stream.settled();
      if (stream.isLost) break;
      await waitForWindow(frames.count, { window, signal: steer.signal, clock });
    }
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    const isStopped = ended.aborted || notStarted.aborted;
    const hasStarted = sequence?.startedMs !== undefined;
    const isEngineDead = error.code === "unavailable" && hasStarted && !isStopped;
    if (isEngineDead || error.code === "internal") {
      onEvent({ type: "engineFailed", model, requestCount: 1, error });
    }
    if (frames.count > 0 || error.code !== "unavailable") {
      if (!hasStarted) end = "unrun";
      push(frames.failure(error, sequence));
    } else {
      end = isEngineDead ? "failed" : "returned";
    }
  } finally {
    if (sequence !== undefined) loop?.leave(sequence);
  }
  await stream.settled();
  batch.sequences.delete(request);
  if (stream.isLost) end = request.stream ? "failed" : "returned";
  return { costMs: costMs(), end };
}

interface DeadlineOptions {
  readonly batch: OpenBatch;
  readonly clock: Clock;
  readonly abort: (reason: unknown) => void;
}

/** Ends a request that has not started when its timeout is over. */
function abortAtDeadline(
  request: AdmittedRequest,
  { batch, clock, abort }: DeadlineOptions,
): Disposable | undefined {
  const remainingMs = batch.remainingMs(request, clock.monotonicMs());
  if (remainingMs === Infinity) return undefined;
  return clock.schedule(Math.max(0, remainingMs), () => abort(tooLate(request)));
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
