import type { Client } from "@sluice/client";
import { InferenceError, type Code } from "@sluice/protocol";
import { within } from "./within.ts";

/** How a stream ended: the text so far, and `ok` where it is complete. */
export interface StreamEnd {
  readonly code: Code;
  /** Of the error, "" where there is none. */
  readonly message: string;
  readonly text: string;
}

/** Disposal lets it begin none any more, so that it ends with its client. */
export interface RunningStreams extends Disposable {
  /** Begins none any more, waits for those that are open. */
  stop(): Promise<readonly StreamEnd[]>;
}

/** Many times what a stream takes, and the loss of its owner before its first frame. */
const lastStreamsTimeoutMs = 90_000;

/** Keeps `count` streams of the model `char-lm` open, each of the same prompt. */
export function startStreams(client: Client, count: number): RunningStreams {
  const model = client.model("char-lm");
  const ends: StreamEnd[] = [];
  let isStopping = false;

  const streamOnce = async (): Promise<void> => {
    let text = "";
    let code: Code = "ok";
    let message = "";
    try {
      for await (const frame of model.stream({ text: ["If you "] }, { parameters: { max_tokens: 100 } })) {
        text += frame.outputs["text"]?.strings().join("") ?? "";
      }
    } catch (thrown) {
      ({ code, message } = InferenceError.from(thrown));
    }
    ends.push({ code, message, text });
  };

  const loop = async (): Promise<void> => {
    while (!isStopping) await streamOnce();
  };
  const loops = Array.from({ length: count }, loop);

  return {
    stop: async () => {
      isStopping = true;
      await within(lastStreamsTimeoutMs, "the end of the last streams", Promise.all(loops));
      return ends;
    },
    [Symbol.dispose]() {
      isStopping = true;
    },
  };
}
