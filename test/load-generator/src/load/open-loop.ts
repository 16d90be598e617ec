import type { Clock } from "@sluice/runtime";
import { createRecorder, type LoadRecord } from "./recorder.ts";
import { createInputs, type Payloads, type Target } from "./target.ts";

export interface OpenLoopOptions<Input, Answer> extends Payloads<Input, Answer> {
  /** Tells the milliseconds from one call, or the start, to the next; Infinity after the last. See `createGaps`. */
  readonly nextGapMs: () => number;
  readonly windowMs: number;
  /** Calls open at a time, over all connections. What falls due beyond is not sent and counts as an error. */
  readonly mostOutstanding: number;
  readonly clock: Clock;
}

/**
 * Sends calls when they are due, over the connections in turn, whatever becomes of the calls before; those that are due by
 * now go in one tick. Latency counts from the moment a call was due, not from that it was sent: a service that makes its
 * callers late is not spared. Ends when every call of the window has. Throughput is taken over the window.
 */
export function runOpenLoop<Input, Answer>(
  targets: readonly Target<Input, Answer>[],
  { nextGapMs, windowMs, mostOutstanding, clock, ...payloads }: OpenLoopOptions<Input, Answer>,
): Promise<LoadRecord> {
  const recorder = createRecorder(payloads);
  const nextInput = createInputs(payloads.inputs);
  const nextTarget = createInputs(targets);
  const startMs = clock.monotonicMs();
  const endMs = startMs + windowMs;
  let dueMs = startMs + nextGapMs();
  let openCount = 0;

  return new Promise((resolve) => {
    const endOnceDone = (): void => {
      if (openCount === 0 && dueMs >= endMs) resolve(recorder.toRecord(windowMs / 1000));
    };

    const call = async (callDueMs: number): Promise<void> => {
      const input = nextInput();
      try {
        const answer = await nextTarget().call(input);
        recorder.answered({ input, answer, latencyMs: clock.monotonicMs() - callDueMs });
      } catch (thrown) {
        recorder.failed(thrown);
      }
      openCount -= 1;
      endOnceDone();
    };

    const sendDue = (): void => {
      const nowMs = clock.monotonicMs();
      for (; dueMs <= nowMs && dueMs < endMs; dueMs += nextGapMs()) {
        if (openCount >= mostOutstanding) {
          recorder.notSent();
          continue;
        }
        openCount += 1;
        recorder.sent(nowMs - dueMs);
        // It handles its own failure.
        void call(dueMs);
      }
      if (dueMs < endMs) clock.schedule(dueMs - clock.monotonicMs(), sendDue);
      else endOnceDone();
    };

    if (dueMs < endMs) clock.schedule(dueMs - startMs, sendDue);
    else endOnceDone();
  });
}
