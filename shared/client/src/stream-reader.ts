import { InferenceError, parkedStreamMs, windowFrames, type Frame } from "@sluice/protocol";
import { errorOf, type CallReader, type Taken } from "./open-call.ts";
import { unreadable } from "./result-reader.ts";
import { toStreamFrame, type FrameOrigin, type StreamFrame } from "./result.ts";

/** How often a reader says that it has room again: four times a window, so that the worker never waits for it. */
const windowStepFrames = windowFrames / 4;
/** How often one says so that takes longer for that many: before the worker takes a parked stream for one without a reader. */
const windowStepMs = parkedStreamMs / 3;

/** What {@link StreamReader} tells the connection. */
export interface StreamReaderOptions {
  /** The reader has room for frames below `frameLimit`. */
  readonly allow: (frameLimit: number) => void;
  /** Monotonic time in milliseconds. */
  readonly nowMs: () => number;
}

interface HeldFrame {
  readonly frame: Frame;
  readonly origin: FrameOrigin;
  readonly totalMs: number;
}

/**
 * Puts the frames of a stream in order and hands them to one reader. Holds at most a window of them. Follows one run; a newer
 * run takes its place only before the first frame was delivered, later it ends the stream with `aborted`.
 */
export class StreamReader implements CallReader {
  readonly #options: StreamReaderOptions;
  readonly #held = new Map<number, HeldFrame>();
  #run: { readonly epoch: number; readonly attempt: number } | undefined;
  /** Number of the frame that the caller gets next. */
  #nextFrame = 0;
  /** Number of the first frame that has not arrived. */
  #missingFrame = 0;
  #frameLimit = windowFrames;
  /** When the worker was last given room; the first window counts from the first frame. */
  #allowedMs: number | undefined;
  #gapSinceMs: number | undefined;
  #error: InferenceError | undefined;
  /** Whether the error waits until the frames that arrived before it were delivered. */
  #isErrorLast = false;
  #hasLeft = false;
  #wake: (() => void) | undefined;

  constructor(options: StreamReaderOptions) {
    this.#options = options;
  }

  get hasBegun(): boolean {
    return this.#run !== undefined;
  }

  get hasDelivered(): boolean {
    return this.#nextFrame > 0;
  }

  get gapSinceMs(): number | undefined {
    return this.#gapSinceMs;
  }

  take(frame: Frame, origin: FrameOrigin, totalMs: number): Taken {
    const age = this.#compareRun(frame);
    if (age < 0) return "olderRun";
    const error = errorOf(frame);
    if (error !== undefined && frame.final) {
      // The stream met its timeout when it began. What the new run could not meet is no matter of the caller's.
      const isLost = age > 0 && error.code === "deadlineExceeded";
      return this.#endWith(isLost ? lostRunError() : error);
    }
    if (age > 0 && this.hasDelivered) {
      return this.#abandon("the request was run again after the stream had begun");
    }
    if (age > 0) this.restart();
    this.#run = { epoch: frame.epoch, attempt: frame.attempt };
    return this.#hold({ frame, origin, totalMs });
  }

  fail(error: InferenceError): void {
    this.#error ??= error;
    this.#wake?.();
  }

  restart(): void {
    this.#held.clear();
    this.#run = undefined;
    this.#missingFrame = 0;
    this.#gapSinceMs = undefined;
  }

  /** Ends the wait for a frame: nobody takes another one. */
  leave(): void {
    this.#hasLeft = true;
    this.#wake?.();
  }

  /** The next frame, once it is there; `undefined` when the reader has left. One call at a time. */
  async next(): Promise<StreamFrame | undefined> {
    for (;;) {
      if (this.#hasLeft) return undefined;
      const held = this.#held.get(this.#nextFrame);
      if (this.#error !== undefined && (held === undefined || !this.#isErrorLast)) throw this.#error;
      if (held !== undefined) return this.#deliver(held);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #deliver({ frame, origin, totalMs }: HeldFrame): StreamFrame {
    this.#held.delete(this.#nextFrame);
    this.#nextFrame++;
    if (!frame.final) this.#makeRoom(this.#options.nowMs());
    try {
      return toStreamFrame(frame, origin, totalMs);
    } catch (cause) {
      throw unreadable(cause);
    }
  }

  #makeRoom(nowMs: number): void {
    this.#allowedMs ??= nowMs;
    if (this.#nextFrame % windowStepFrames !== 0 && nowMs - this.#allowedMs < windowStepMs) return;
    this.#allowedMs = nowMs;
    this.#frameLimit = this.#nextFrame + windowFrames;
    this.#options.allow(this.#frameLimit);
  }

  #hold(held: HeldFrame): Taken {
    const number = held.frame.frame;
    if (number < this.#missingFrame || this.#held.has(number)) return "duplicate";
    if (number >= this.#frameLimit) return this.#abandon("the stream went beyond its window");
    this.#held.set(number, held);
    while (this.#held.has(this.#missingFrame)) this.#missingFrame++;
    this.#wake?.();

    const hasGap = this.#held.size > this.#missingFrame - this.#nextFrame;
    this.#gapSinceMs = hasGap ? (this.#gapSinceMs ?? this.#options.nowMs()) : undefined;
    const last = this.#held.get(this.#missingFrame - 1);
    return last?.frame.final === true ? "ended" : "open";
  }

  /** Above 0 for a newer run than the one that is followed, below 0 for an older one; the first run is as good as followed. */
  #compareRun({ epoch, attempt }: Frame): number {
    const run = this.#run;
    return run === undefined ? 0 : epoch - run.epoch || attempt - run.attempt;
  }

  /** An error may come from whoever gave the request up, who does not know how many frames there were. */
  #endWith(error: InferenceError): Taken {
    this.#isErrorLast = true;
    this.fail(error);
    return "ended";
  }

  #abandon(reason: string): Taken {
    this.fail(new InferenceError("aborted", `${reason}, start the call again`));
    return "abandoned";
  }
}

/** The error for a stream whose run was lost, where no other run has begun. */
function lostRunError(): InferenceError {
  return new InferenceError("aborted", "the run of the stream was lost, start the call again");
}
