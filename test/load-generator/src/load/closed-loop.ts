import type { Clock } from "@sluice/runtime";
import { createRecorder, type LoadRecord } from "./recorder.ts";
import { createInputs, type Payloads, type Target } from "./target.ts";

export interface ClosedLoopOptions<Input, Answer> extends Payloads<Input, Answer> {
  /** Calls kept open on every connection. */
  readonly outstandingPerConnection: number;
  readonly windowMs: number;
  readonly clock: Clock;
}

/**
 * Keeps calls open on every connection for `windowMs`, then lets them end. The next call starts when one ends, so latencies
 * are those of callers who wait. Throughput is taken over the time until the last call ended.
 */
export async function runClosedLoop<Input, Answer>(
  targets: readonly Target<Input, Answer>[],
  { outstandingPerConnection, windowMs, clock, ...payloads }: ClosedLoopOptions<Input, Answer>,
): Promise<LoadRecord> {
  const recorder = createRecorder(payloads);
  const nextInput = createInputs(payloads.inputs);
  const startMs = clock.monotonicMs();
  const endMs = startMs + windowMs;

  async function keepCalling(target: Target<Input, Answer>): Promise<void> {
    for (let sentMs = clock.monotonicMs(); sentMs < endMs;) {
      const input = nextInput();
      try {
        const answer = await target.call(input);
        const nowMs = clock.monotonicMs();
        recorder.answered({ input, answer, latencyMs: nowMs - sentMs });
        sentMs = nowMs;
      } catch (thrown) {
        recorder.failed(thrown);
        // A call that fails at once must not keep the others' answers from being read.
        await new Promise<void>((resolve) => {
          clock.afterRead(resolve);
        });
        sentMs = clock.monotonicMs();
      }
    }
  }

  await Promise.all(
    targets.flatMap((target) => Array.from({ length: outstandingPerConnection }, () => keepCalling(target))),
  );
  return recorder.toRecord((clock.monotonicMs() - startMs) / 1000);
}
