import { InferenceError } from "@sluice/protocol";
import { createLatencies } from "../measure/latencies.ts";
import { checkEvery, type Payloads } from "./target.ts";

/** What a window of load saw: plain values, so that one process can tell another. */
export interface LoadRecord {
  /** What throughput is taken over. */
  readonly seconds: number;
  /** Calls that were answered; one with a wrong answer is an error. */
  readonly completedCount: number;
  /** Calls that failed, by code; `wrongAnswer`, and `notSent` of an open loop that had too many open. */
  readonly errors: Readonly<Record<string, number>>;
  /** Of what was answered; see `Latencies.encode`. */
  readonly latencies: string;
  /** How late calls were sent, in an open loop: what of the latencies is the sender's own. */
  readonly lags: string;
}

/** Takes down what becomes of the calls of a window. */
export interface Recorder<Input, Answer> {
  sent(lagMs: number): void;
  answered(call: AnsweredCall<Input, Answer>): void;
  failed(thrown: unknown): void;
  notSent(): void;
  toRecord(seconds: number): LoadRecord;
}

export interface AnsweredCall<Input, Answer> {
  readonly input: Input;
  readonly answer: Answer;
  readonly latencyMs: number;
}

export function createRecorder<Input, Answer>({
  isRight,
}: Pick<Payloads<Input, Answer>, "isRight">): Recorder<Input, Answer> {
  const latencies = createLatencies();
  const lags = createLatencies();
  const errors: Record<string, number> = {};
  let answeredCount = 0;

  function countError(code: string): void {
    errors[code] = (errors[code] ?? 0) + 1;
  }

  return {
    sent: (lagMs) => lags.record(lagMs),
    answered({ input, answer, latencyMs }) {
      answeredCount += 1;
      if (answeredCount % checkEvery === 1 && !isRight(input, answer)) countError("wrongAnswer");
      else latencies.record(latencyMs);
    },
    failed: (thrown) => countError(InferenceError.from(thrown).code),
    notSent: () => countError("notSent"),
    toRecord: (seconds) => ({
      seconds,
      completedCount: latencies.count,
      errors,
      latencies: latencies.encode(),
      lags: lags.encode(),
    }),
  };
}
