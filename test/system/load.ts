import type { Client } from "@sluice/client";
import { connectMessaging, type Messaging } from "@sluice/messaging";
import { InferenceError, subjects, type Code } from "@sluice/protocol";
import { silentLogger, systemClock } from "@sluice/runtime";
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

interface LoadOptions {
  readonly outstanding: number;
  readonly timeoutMs: number;
}

/** Asks the echo model for two values; gives those of its answer. */
type Echo = (values: readonly [number, number]) => Promise<ArrayLike<unknown> | undefined>;

/** Keeps `outstanding` calls of the echo model open; every answer is compared with what was sent. */
export function startLoad(client: Client, options: LoadOptions): RunningLoad {
  const model = client.model("echo");
  const { timeoutMs } = options;
  return startCalls(async (values) => {
    const { outputs } = await model.infer(
      { input: { data: Float32Array.from(values), shape: [1, 2] } },
      { timeoutMs },
    );
    return outputs["input"]?.values();
  }, options);
}

/** Connects as a plain NATS caller. */
export function connectPlain(server: string): Promise<Messaging> {
  return connectMessaging({ servers: [server], name: "plain", log: silentLogger, clock: systemClock });
}

/** The same with requests of a plain NATS caller in JSON, each sent once: their answers pass the results service. */
export function startPlainLoad(messaging: Messaging, options: LoadOptions): RunningLoad {
  const { timeoutMs } = options;
  return startCalls(async (values) => {
    const inputs = [{ name: "input", shape: [1, 2], datatype: "FP32", data: values }];
    const body = { inputs, parameters: { timeout_ms: timeoutMs } };
    const payload = new TextEncoder().encode(JSON.stringify(body));
    const { payload: answer } = await messaging.request(subjects.infer("echo", "demo"), payload, {
      timeoutMs,
    });
    const { outputs }: { outputs?: readonly { readonly data: readonly unknown[] }[] } = JSON.parse(
      new TextDecoder().decode(answer),
    );
    return outputs?.[0]?.data;
  }, options);
}

function startCalls(echo: Echo, options: LoadOptions): RunningLoad {
  const failures: { code: Code; message: string }[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let sentCount = 0;
  let answeredCount = 0;
  let isStopping = false;

  async function callOnce(): Promise<void> {
    const marker = ++sentCount;
    try {
      const values = await echo([marker, -marker]);
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
