import type { Client } from "@sluice/client";
import { InferenceError, type Code } from "@sluice/protocol";
import { within } from "./within.ts";

/** What a client saw of its own requests: the oracle of the system tests. */
export interface LoadOutcome {
  readonly sentCount: number;
  /** Answers that carried the values that were sent. */
  readonly answeredCount: number;
  readonly failures: readonly { readonly code: Code; readonly message: string }[];
}

/** Disposal lets it send no more, so that it ends with its client. */
export interface RunningLoad extends Disposable {
  /** Requests answered so far. */
  readonly answeredCount: number;
  /** Resolves once so many requests were answered; fails when that takes longer than a call may. */
  answered(count: number): Promise<void>;
  /** Sends no more, waits for every open request. */
  stop(): Promise<LoadOutcome>;
}

/** What answers may take beyond the timeout of a call: by then each that was open has ended, and others were answered. */
const lateMs = 10_000;

/** Keeps `outstanding` calls of the echo model open; every answer is compared with what was sent. */
export function startLoad(
  client: Client,
  options: { readonly outstanding: number; readonly timeoutMs: number },
): RunningLoad {
  const model = client.model("echo");
  const failures: { code: Code; message: string }[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let sentCount = 0;
  let answeredCount = 0;
  let isStopping = false;

  async function callOnce(): Promise<void> {
    const marker = ++sentCount;
    try {
      const result = await model.infer(
        { input: { data: Float32Array.of(marker, -marker), shape: [1, 2] } },
        { timeoutMs: options.timeoutMs },
      );
      const values = result.outputs["input"]?.values();
      if (values?.[0] !== marker || values[1] !== -marker)
        throw new Error(`request ${marker} got another's answer`);
      answeredCount += 1;
      for (const entry of waiting) if (answeredCount >= entry.count) entry.resolve();
    } catch (thrown) {
      const error = InferenceError.from(thrown);
      failures.push({ code: error.code, message: thrown instanceof Error ? thrown.message : error.message });
    }
  }

  async function loop(): Promise<void> {
    while (!isStopping) await callOnce();
  }
  const loops = Array.from({ length: options.outstanding }, loop);

  return {
    get answeredCount() {
      return answeredCount;
    },
    answered(count) {
      if (answeredCount >= count) return Promise.resolve();
      const coming = new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return within(options.timeoutMs + lateMs, `${count} answers`, coming);
    },
    async stop() {
      isStopping = true;
      await within(options.timeoutMs + lateMs, "the last answers", Promise.all(loops));
      return { sentCount, answeredCount, failures };
    },
    [Symbol.dispose]() {
      isStopping = true;
    },
  };
}
