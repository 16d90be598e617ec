import type { ErrorCode } from "./code.ts";
import type { ErrorDetails, InferenceErrorOptions } from "./error.ts";

/**
 * Why a request is not served, as its caller is told. An `InferenceError` is one, but whoever refuses many makes a plain value: in
 * an overloaded owner, two of three instructions went into the stacks that errors come with.
 */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
  readonly details: ErrorDetails | undefined;
}

/** Makes a refusal that is no error. */
export function createRefusal(
  code: ErrorCode,
  message: string,
  { retryAfterMs, details }: Pick<InferenceErrorOptions, "retryAfterMs" | "details"> = {},
): Refusal {
  return { code, message, retryAfterMs, details };
}
