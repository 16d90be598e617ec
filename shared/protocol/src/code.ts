/**
 * The closed list of outcome codes; names and meanings are gRPC's.
 *
 * | code | cause | remedy |
 * |---|---|---|
 * | `ok` | the request was answered | |
 * | `canceled` | the caller gave the request up | |
 * | `invalidArgument` | a name, type, shape or parameter is wrong | correct the request |
 * | `deadlineExceeded` | it could not finish within `timeoutMs` | allow more time, or ask for less |
 * | `notFound` | no pool serves this model or version | check the name |
 * | `permissionDenied` | the tenant may not use this model or subject | ask the operator |
 * | `unauthenticated` | the caller did not prove who it is | send credentials |
 * | `resourceExhausted` | a quota or a size limit; `retryAfterMs` where waiting helps | wait, or send less |
 * | `aborted` | a stream that cannot be continued | start it again |
 * | `unimplemented` | known to the protocol, not served here | |
 * | `internal` | a fault of Sluice or of the model | report it |
 * | `unavailable` | overload, no worker, draining; with `retryAfterMs` | try again later |
 */
export const codes = [
  "ok",
  "canceled",
  "invalidArgument",
  "deadlineExceeded",
  "notFound",
  "permissionDenied",
  "unauthenticated",
  "resourceExhausted",
  "aborted",
  "unimplemented",
  "internal",
  "unavailable",
] as const;

export type Code = (typeof codes)[number];

/** Every code but `ok`. */
export type ErrorCode = Exclude<Code, "ok">;

const codeSet: ReadonlySet<unknown> = new Set(codes);

/** Tells whether `value` is one of {@link codes}. */
export function isCode(value: unknown): value is Code {
  return codeSet.has(value);
}
