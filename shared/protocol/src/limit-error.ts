import { InferenceError } from "./error.ts";

/** A limit that something exceeds. */
export interface ExceededLimit {
  /** Its name, as whoever sets it spells it. */
  readonly limit: string;
  readonly value: number;
  /** What it would have been instead. */
  readonly actual: number;
}

export interface LimitErrorOptions extends ExceededLimit {
  /** `unavailable` for a limit that all callers share: then the same request may soon succeed. */
  readonly code?: "resourceExhausted" | "unavailable";
  /** When waiting helps: how long, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Makes the refusal of what exceeds a limit: `details` have {@link ExceededLimit}, so that programs need not read the message. */
export function limitError(message: string, options: LimitErrorOptions): InferenceError {
  const { limit, value, actual, code = "resourceExhausted", retryAfterMs } = options;
  return new InferenceError(code, message, {
    details: { limit, value, actual },
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** The name of the limit that something was refused for; `undefined` for every other error. */
export function limitOf({ details }: InferenceError): string | undefined {
  const limit = details?.["limit"];
  return typeof limit === "string" ? limit : undefined;
}
