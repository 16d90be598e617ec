import { InferenceError } from "@sluice/protocol";

/** What JetStream says of a request it refused. */
export interface JetStreamRefusal {
  /** Like an HTTP status. */
  readonly code: number;
  /** Number of the kind of error. */
  readonly err_code: number;
  readonly description: string;
}

/** Numbers of the refusals that are told apart. Source: `server/errors.json` of nats-server. */
const kinds = {
  temporarilyUnavailable: 10008,
  insufficientResources: 10023,
  storageExceeded: 10047,
  messageTooLarge: 10054,
  notEnabledForAccount: 10039,
  notEnabled: 10076,
  storeFailed: 10077,
  ingestLimit: 10167,
} as const;

interface Row {
  readonly code: InferenceError["code"];
  /** Value of `details.reason`. */
  readonly reason: string;
}

/** One row per situation; any other refusal is a mistake of Sluice, `internal`. */
const rows: ReadonlyMap<number, Row> = new Map<number, Row>([
  // No leader yet: a server is starting, or the cluster elects.
  [kinds.temporarilyUnavailable, { code: "unavailable", reason: "jetstreamUnavailable" }],
  // JetStream is switched off for the account, or on the server.
  [kinds.notEnabledForAccount, { code: "unavailable", reason: "jetstreamUnavailable" }],
  [kinds.notEnabled, { code: "unavailable", reason: "jetstreamUnavailable" }],
  // More is being published than the stream's leader can take in.
  [kinds.ingestLimit, { code: "unavailable", reason: "overload" }],
  // The stream, or one subject of it, holds as much as it may.
  [kinds.storeFailed, { code: "resourceExhausted", reason: "streamFull" }],
  // The account or the disk holds as much as it may.
  [kinds.insufficientResources, { code: "resourceExhausted", reason: "storageFull" }],
  [kinds.storageExceeded, { code: "resourceExhausted", reason: "storageFull" }],
  // The stream takes no message of this size.
  [kinds.messageTooLarge, { code: "resourceExhausted", reason: "messageTooLarge" }],
]);

/** Converts a refusal; its description stays in `cause`, its number goes into `details.jetstreamCode`. */
export function jetStreamError(
  refusal: JetStreamRefusal,
  options: { readonly cause?: unknown } = {},
): InferenceError {
  const { code, reason } = rows.get(refusal.err_code) ?? { code: "internal", reason: "jetstreamRefusal" };
  return new InferenceError(code, "JetStream refused the request", {
    details: { reason, jetstreamCode: refusal.err_code },
    cause: options.cause ?? new Error(refusal.description),
  });
}

const wrongLastSequence: ReadonlySet<number> = new Set([10071, 10164]);

/** Whether a compare-and-set lost: somebody wrote first. */
export function isWrongLastSequence(error: unknown): boolean {
  return error instanceof InferenceError && wrongLastSequence.has(Number(error.details?.["jetstreamCode"]));
}

const messageNotFound = 10037;

/** Whether a stream holds no message of the subject that was asked for. */
export function isMessageNotFound(error: unknown): boolean {
  return error instanceof InferenceError && error.details?.["jetstreamCode"] === messageNotFound;
}
