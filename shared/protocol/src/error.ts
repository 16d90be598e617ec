import type { ErrorCode } from "./code.ts";

/** What an error may tell its caller beside the message; plain values, safe to send. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What is known of a failure besides its code and message. */
export interface InferenceErrorOptions {
  /** How long the caller should wait before it tries again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly details?: ErrorDetails | undefined;
  /** What caused it; stays in this process, never sent. */
  readonly cause?: unknown;
}

/** The one error of Sluice: a code of the closed list and a message that names what was wrong and what was expected. */
export class InferenceError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, options: InferenceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "InferenceError";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }

  /** Whether the same request may succeed when it is sent again. */
  get retryable(): boolean {
    return isRetryable(this.code);
  }

  /** Converts whatever was thrown: an {@link InferenceError} stays itself, anything else becomes `internal` with it as `cause`. */
  static from(thrown: unknown): InferenceError {
    if (thrown instanceof InferenceError) return thrown;
    return new InferenceError("internal", "internal error", { cause: thrown });
  }
}

/** Whether sending the same request again may help. A quota refusal is not retried by itself: its caller is told when. */
export function isRetryable(code: ErrorCode): boolean {
  return code === "unavailable";
}
