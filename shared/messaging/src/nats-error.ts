import { JetStreamApiError } from "@nats-io/jetstream";
import { InferenceError } from "@sluice/protocol";
import { errors } from "nats";
import { jetStreamError } from "./jetstream-error.ts";
import { messagingErrors } from "./messaging-error.ts";

type ErrorClass = abstract new (...parameters: never[]) => Error;

interface Row {
  readonly of: ErrorClass;
  readonly code: InferenceError["code"];
  /** Value of `details.reason`. */
  readonly reason: string;
  readonly message: string;
}

const noServer = "no NATS server could be reached";

/** One row per situation in which the NATS client fails; the first that fits counts. */
const rows: readonly Row[] = [
  // close() was called, or the client gave the connection up.
  {
    of: errors.ClosedConnectionError,
    code: "unavailable",
    reason: "closed",
    message: "the connection is closed",
  },
  // close() is under way: what was subscribed is finished, nothing new is taken.
  {
    of: errors.DrainingConnectionError,
    code: "unavailable",
    reason: "draining",
    message: "the connection is closing",
  },
  // The server answered 503: nobody subscribes the subject.
  {
    of: errors.NoRespondersError,
    code: "unavailable",
    reason: "noResponders",
    message: "nobody subscribes the subject",
  },
  // Nothing came back in time.
  { of: errors.TimeoutError, code: "deadlineExceeded", reason: "timeout", message: "no answer came in time" },
  // The server's permissions for this user exclude the subject.
  {
    of: errors.PermissionViolationError,
    code: "permissionDenied",
    reason: "permission",
    message: "the subject is not allowed",
  },
  // Credentials that were good have run out.
  {
    of: errors.UserAuthenticationExpiredError,
    code: "unauthenticated",
    reason: "expired",
    message: "the credentials have expired",
  },
  // The server does not know these credentials.
  {
    of: errors.AuthorizationError,
    code: "unauthenticated",
    reason: "refused",
    message: "the server refused the credentials",
  },
  // A subject that is empty or has white space.
  {
    of: errors.InvalidSubjectError,
    code: "invalidArgument",
    reason: "subject",
    message: "the subject is not valid",
  },
  // An option or a payload that the client refuses.
  {
    of: errors.InvalidArgumentError,
    code: "invalidArgument",
    reason: "argument",
    message: "the NATS client refused an argument",
  },
  // No server could be reached.
  {
    of: errors.ConnectionError,
    code: "unavailable",
    reason: "disconnected",
    message: noServer,
  },
  // The connection was lost while the client waited for an answer.
  {
    of: errors.RequestError,
    code: "unavailable",
    reason: "disconnected",
    message: "the connection to NATS was lost",
  },
];

/** Converts what the NATS client threw. The original stays as `cause`; what is not known becomes `internal`. */
export function toInferenceError(thrown: unknown): InferenceError {
  if (thrown instanceof InferenceError) return thrown;
  // The client wraps: the innermost error says most (a RequestError around a NoRespondersError).
  for (const error of causes(thrown)) {
    if (error instanceof JetStreamApiError) return jetStreamError(error.apiError(), { cause: thrown });
    const row = rows.find((candidate) => error instanceof candidate.of);
    if (row !== undefined) {
      return new InferenceError(row.code, row.message, { details: { reason: row.reason }, cause: thrown });
    }
  }
  return InferenceError.from(thrown);
}

/**
 * Converts what the NATS client threw while it connected. What it does not know itself (a name that is not found, a certificate
 * that is not trusted) and a server that does not greet in time keep it from a server as much as a refused connection.
 */
export function toConnectError(thrown: unknown): InferenceError {
  const error = toInferenceError(thrown);
  if (error.code !== "internal" && error.code !== "deadlineExceeded") return error;
  return new InferenceError("unavailable", noServer, { details: { reason: "disconnected" }, cause: thrown });
}

/** Converts what the NATS client threw while it asked JetStream: whatever kept JetStream from answering is `unavailable`. */
export function toJetStreamError(thrown: unknown): InferenceError {
  const error = toInferenceError(thrown);
  const reason = error.details?.["reason"];
  if (reason === "noResponders") return messagingErrors.jetStreamUnavailable(thrown);
  return reason === "timeout" ? messagingErrors.jetStreamTimeout(thrown) : error;
}

/** What was thrown and what caused it, the innermost first. */
function causes(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let error = thrown; error !== undefined && !chain.includes(error);) {
    chain.unshift(error);
    error = error instanceof Error ? error.cause : undefined;
  }
  return chain;
}
