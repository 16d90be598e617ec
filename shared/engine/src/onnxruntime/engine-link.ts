import { Worker } from "node:worker_threads";
import { InferenceError } from "@sluice/protocol";
import { builtFile } from "../built-file.ts";
import type { StepRequest } from "../decoder.ts";
import type { EngineTensor } from "../engine.ts";
import type { ThreadOptions, ThreadReply, ThreadRequest } from "./thread-messages.ts";

/** This side of an engine thread: one message each way for each run. Several may be on their way; answers keep the order. */
export interface EngineLink {
  /** Resolves with the next message that nobody else waits for, or rejects with `unavailable` when the thread has ended. */
  reply(): Promise<ThreadReply>;
  /** Sends a run, giving the inputs' buffers away, and waits for its answer. */
  run(inputs: readonly EngineTensor[]): Promise<ThreadReply>;
  /** Sends a step of the decoder and waits for its answer. */
  step(request: StepRequest): Promise<ThreadReply>;
  /** Asks the thread to free its session, and waits until it has ended by itself. */
  end(): Promise<void>;
}

/** Starts an engine thread; its first message tells whether the model was loaded. */
export function startEngineThread(options: ThreadOptions): EngineLink {
  const worker = new Worker(builtFile("./engine-thread.js", import.meta.url), {
    name: "engine",
    workerData: options,
    // The thread runs compiled files: loaders and import conditions of the process must not reach it.
    execArgv: [],
  });
  return createEngineLink(worker);
}

/** One who waits for a message. */
interface Waiting {
  readonly resolve: (reply: ThreadReply) => void;
  readonly reject: (reason: InferenceError) => void;
}

/** Talks with a thread that was just started. */
export function createEngineLink(worker: Worker): EngineLink {
  const waiting: Waiting[] = [];
  let death: InferenceError | undefined;

  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      death ??= threadEnded();
      for (const { reject } of waiting.splice(0)) reject(death);
      resolve();
    });
  });
  worker.once("error", (error) => {
    death = threadEnded(error);
  });
  worker.on("message", (reply: ThreadReply) => waiting.shift()?.resolve(reply));

  function reply(): Promise<ThreadReply> {
    if (death !== undefined) return Promise.reject(death);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  }

  function ask(request: ThreadRequest, buffers: readonly ArrayBuffer[]): Promise<ThreadReply> {
    if (death === undefined) worker.postMessage(request, [...buffers]);
    return reply();
  }

  return {
    reply,
    run: (inputs) =>
      ask(
        { kind: "run", inputs },
        inputs.map((input) => input.buffer),
      ),
    step: (request) => ask({ kind: "step", ...request }, []),
    async end() {
      const request: ThreadRequest = { kind: "close" };
      worker.postMessage(request, []);
      await ended;
    },
  };
}

function threadEnded(cause?: unknown): InferenceError {
  return new InferenceError("unavailable", "the engine thread has ended", { cause });
}
