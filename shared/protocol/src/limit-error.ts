import { InferenceError } from "./error.ts";
import { createRefusal, type Refusal } from "./refusal.ts";

/** Whose requests a limit of a record is for: those of a tenant, or those of all tenants of its group together. */
export type LimitHolder = "tenant" | "group";

/** A limit that something exceeds. */
export interface ExceededLimit {
  /** Its name, as whoever sets it spells it. */
  readonly limit: string;
  /** Whose record sets it; absent = no record does. */
  readonly of?: LimitHolder;
  readonly value: number;
  /** What it would have been instead. */
  readonly actual: number;
}

export interface LimitRefusalOptions extends ExceededLimit {
  /**
   * `unavailable` for a limit that all callers share: then the same request may soon succeed. `deadlineExceeded` for the time that
   * the caller allows.
   */
  readonly code?: "resourceExhausted" | "unavailable" | "deadlineExceeded";
  /** When waiting helps: how long, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Makes the refusal of what exceeds a limit: `details` have {@link ExceededLimit}, so that programs need not read the message. */
export function limitRefusal(message: string, options: LimitRefusalOptions): Refusal {
  const { limit, of, value, actual, code = "resourceExhausted", retryAfterMs } = options;
  const details = of === undefined ? { limit, value, actual } : { limit, of, value, actual };
  return createRefusal(code, message, { retryAfterMs, details });
}

/** The same as an error. */
export function limitError(message: string, options: LimitRefusalOptions): InferenceError {
  const refusal = limitRefusal(message, options);
  return new InferenceError(refusal.code, message, refusal);
}

/** The limit that something was refused for, and whose it is; both "" for every other refusal. */
export function limitOf({ details = {} }: Pick<Refusal, "details">): {
  readonly limit: string;
  readonly of: LimitHolder | "";
} {
  const { limit, of } = details;
  if (typeof limit !== "string") return { limit: "", of: "" };
  return { limit, of: of === "tenant" || of === "group" ? of : "" };
}
