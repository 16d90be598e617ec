import { InferenceError, type Frame } from "@sluice/protocol";
import { errorOf, type CallReader } from "./open-call.ts";
import { toResult, type FrameOrigin, type Result } from "./result.ts";

/** Reads a result of one frame: the first final frame of any run is the answer. */
export function createResultReader(
  resolve: (result: Result) => void,
  reject: (error: InferenceError) => void,
): CallReader {
  return {
    hasDelivered: false,
    gapSinceMs: undefined,
    take(frame, origin) {
      if (!frame.final) return "duplicate";
      const error = errorOf(frame);
      if (error === undefined) settle(frame, origin);
      else reject(error);
      return "ended";
    },
    fail: reject,
    restart() {
      // Nothing is taken before the answer.
    },
  };

  function settle(frame: Frame, origin: FrameOrigin): void {
    try {
      resolve(toResult(frame, origin));
    } catch (cause) {
      reject(unreadable(cause));
    }
  }
}

/** The answer came, but makes no sense: not the caller's fault, whatever the decoder says. */
export function unreadable(cause: unknown): InferenceError {
  return new InferenceError("internal", "the result could not be read", { cause });
}
