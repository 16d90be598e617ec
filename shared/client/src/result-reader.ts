import { InferenceError, type Frame } from "@sluice/protocol";
import { errorOf, type CallReader, type Taken } from "./open-call.ts";
import { toResult, type FrameOrigin, type Result } from "./result.ts";

/** Reads a result of one frame: the first final frame of any run is the answer. */
export class ResultReader implements CallReader {
  readonly #resolve: (result: Result) => void;
  readonly #reject: (error: InferenceError) => void;

  constructor(resolve: (result: Result) => void, reject: (error: InferenceError) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get hasBegun(): boolean {
    return false;
  }

  get hasDelivered(): boolean {
    return false;
  }

  get gapSinceMs(): undefined {
    return undefined;
  }

  take(frame: Frame, origin: FrameOrigin, totalMs: number): Taken {
    if (!frame.final) return "duplicate";
    const error = errorOf(frame);
    if (error === undefined) this.#settle(frame, origin, totalMs);
    else this.#reject(error);
    return "ended";
  }

  fail(error: InferenceError): void {
    this.#reject(error);
  }

  restart(): void {
    // Nothing is taken before the answer.
  }

  #settle(frame: Frame, origin: FrameOrigin, totalMs: number): void {
    try {
      this.#resolve(toResult(frame, origin, totalMs));
    } catch (cause) {
      this.#reject(unreadable(cause));
    }
  }
}

/** The answer came, but makes no sense: not the caller's fault, whatever the decoder says. */
export function unreadable(cause: unknown): InferenceError {
  return new InferenceError("internal", "the result could not be read", { cause });
}
