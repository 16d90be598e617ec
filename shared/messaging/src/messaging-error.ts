import { InferenceError } from "@sluice/protocol";

/**
 * What every implementation of the contract throws, one function per situation. For implementations only: services read
 * `code` and `details.reason`.
 */
export const messagingErrors = {
  closed: () =>
    new InferenceError("unavailable", "the connection is closed", { details: { reason: "closed" } }),

  disconnected: () =>
    new InferenceError("unavailable", "the connection to NATS is lost", {
      details: { reason: "disconnected" },
    }),

  outgoingFull: (maxPendingBytes: number) =>
    new InferenceError("unavailable", `more than ${maxPendingBytes} bytes wait to be sent`, {
      details: { reason: "outgoingFull" },
    }),

  noResponders: (subject: string) =>
    new InferenceError("unavailable", `nobody subscribes ${subject}`, {
      details: { reason: "noResponders" },
    }),

  timeout: () =>
    new InferenceError("deadlineExceeded", "no answer came in time", { details: { reason: "timeout" } }),

  canceled: (cause: unknown) => new InferenceError("canceled", "the request was given up", { cause }),

  tooLarge: (bytes: number, maxPayloadBytes: number) =>
    new InferenceError(
      "resourceExhausted",
      `a message of ${bytes} bytes exceeds the limit of ${maxPayloadBytes}`,
      {
        details: { reason: "maxPayload", bytes, maxPayloadBytes },
      },
    ),

  invalidKey: () =>
    new InferenceError(
      "invalidArgument",
      "a key is made of A-Z a-z 0-9 _ - / = and single dots between them",
    ),

  /** The server answered at once that nobody takes the message. */
  jetStreamUnavailable: (cause?: unknown) =>
    new InferenceError("unavailable", "JetStream is away, or no stream takes the subject", {
      details: { reason: "jetstreamUnavailable" },
      cause,
    }),

  /** Nothing came in time: JetStream may be away, or this connection cut off; a write may have happened or not. */
  jetStreamTimeout: (cause?: unknown) =>
    new InferenceError("unavailable", "JetStream did not answer in time", {
      details: { reason: "timeout" },
      cause,
    }),
} as const;
