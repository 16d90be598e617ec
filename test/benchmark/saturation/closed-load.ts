import type { SaturationInput } from "./workload.ts";

/** One way to have a model run. */
export type Call = (input: SaturationInput) => Promise<unknown>;

export interface LoadOptions {
  readonly inputs: readonly SaturationInput[];
  /** Calls that are open at all times. */
  readonly outstandingCount: number;
  /** Time before the window, so that it begins with the queue as it stays. */
  readonly settleMs: number;
  readonly windowMs: number;
}

export interface LoadOutcome {
  /** Answers a second. */
  readonly rate: number;
  readonly errorCount: number;
}

/** Asks one input after the other, on and on, and counts the answers of the window. */
export async function runClosedLoad(call: Call, options: LoadOptions): Promise<LoadOutcome> {
  const { inputs, outstandingCount, settleMs, windowMs } = options;
  const startMs = performance.now() + settleMs;
  const endMs = startMs + windowMs;
  let askedCount = 0;
  let answeredCount = 0;
  let errorCount = 0;
  const askOn = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const input = inputs[askedCount++ % inputs.length];
      if (input === undefined) throw new Error("there are no inputs");
      try {
        await call(input);
        const nowMs = performance.now();
        if (nowMs >= startMs && nowMs < endMs) answeredCount += 1;
      } catch {
        errorCount += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: outstandingCount }, askOn));
  return { rate: (1000 * answeredCount) / windowMs, errorCount };
}
