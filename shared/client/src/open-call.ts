import { defaultTimeoutMs, InferenceError, type Frame } from "@sluice/protocol";
import type { OutgoingRequest } from "./outgoing-request.ts";
import type { FrameOrigin } from "./result.ts";

/**
 * What a reader made of a frame.
 *
 * - `open`: taken, more are to come.
 * - `ended`: taken, the call has its answer.
 * - `abandoned`: the reader gave up; the run should be cancelled.
 * - `olderRun`, `duplicate`: dropped.
 */
export type Taken = "open" | "ended" | "abandoned" | "olderRun" | "duplicate";

/** Where the frames of one call go: to the promise of `infer` or to the reader of `stream`. */
export interface CallReader {
  /** Whether a part of the answer has come, whether its caller has seen it or not. */
  readonly hasBegun: boolean;
  /** Whether the caller has seen a part of the answer: from then on the call cannot start again. */
  readonly hasDelivered: boolean;
  /** Since when a frame is missing before one that arrived; `undefined` while none is. */
  readonly gapSinceMs: number | undefined;
  /** @param totalMs from the call until the frame came. */
  take(frame: Frame, origin: FrameOrigin, totalMs: number): Taken;
  fail(error: InferenceError): void;
  /** Forgets what was taken but not delivered: the request starts again. */
  restart(): void;
}

/**
 * A call without its answer. `state`:
 *
 * - `new`: nothing was done for it yet.
 * - `queued`: leaves with the next pack.
 * - `sent`: was published; an answer, a 503 or the deadline comes.
 * - `waiting`: was refused and is queued again at `retryAtMs`.
 * - `ended`: has its outcome; everything that still comes for it is dropped.
 */
export interface OpenCall {
  readonly request: OutgoingRequest;
  readonly reader: CallReader;
  /** Told the request's id whenever it was published. */
  readonly onSent: ((requestId: string) => void) | undefined;
  /** Number in the request's id; the table of open calls sets both. */
  number: number;
  readonly startedMs: number;
  /** What the caller allows; 0 = what the owner does. */
  readonly timeoutMs: number;
  /** When the caller's timeout ends; without one, when nobody would wait any longer. */
  readonly timeLimitMs: number;
  state: "new" | "queued" | "sent" | "waiting" | "ended";
  /** When the call is given up: the time limit; once a stream has begun, only a gap in it sets one. */
  deadlineMs: number;
  /** When the request, under its present id, was last published; -Infinity if it was not. */
  sentMs: number;
  retryAtMs: number;
  retryCount: number;
  /** Whether the server said that nobody took a pack that may have been this one's. */
  isInDoubt: boolean;
  /** Frames the reader of a stream allows; 0 = it has not said more than the protocol's first window. */
  frameLimit: number;
  /** When the reader's window is said again: what was said of it may be lost. Infinity while nothing was. */
  remindAtMs: number;
  /** Lets go of the caller's signal, if there is one. */
  unlink: (() => void) | undefined;
}

/** What {@link createOpenCall} needs. */
export interface OpenCallOptions {
  readonly request: OutgoingRequest;
  readonly reader: CallReader;
  readonly onSent?: ((requestId: string) => void) | undefined;
  readonly nowMs: number;
}

export function createOpenCall({ request, reader, onSent, nowMs }: OpenCallOptions): OpenCall {
  const { timeoutMs } = request;
  const timeLimitMs = nowMs + (timeoutMs || defaultTimeoutMs);
  return {
    request,
    reader,
    onSent,
    number: -1,
    startedMs: nowMs,
    timeoutMs,
    timeLimitMs,
    state: "new",
    deadlineMs: timeLimitMs,
    sentMs: -Infinity,
    retryAtMs: Infinity,
    retryCount: 0,
    isInDoubt: false,
    frameLimit: 0,
    remindAtMs: Infinity,
    unlink: undefined,
  };
}

/** The error that a frame with a code other than `ok` carries; `undefined` for `ok`. */
export function errorOf({ code, message, details, retryAfterMs }: Frame): InferenceError | undefined {
  if (code === "ok") return undefined;
  return new InferenceError(code, message, { details, ...(retryAfterMs > 0 ? { retryAfterMs } : {}) });
}
