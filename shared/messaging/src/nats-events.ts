import { errors, type Status } from "nats";
import type { MessagingEvent } from "./messaging.ts";

/** What a status of the NATS client means to a service; `undefined` if nothing. */
export function toMessagingEvent(status: Status): MessagingEvent | undefined {
  if (status.type === "disconnect") return { type: "disconnected" };
  if (status.type === "reconnect") return { type: "reconnected", server: status.server };
  if (status.type === "slowConsumer") return { type: "slowConsumer", subject: status.sub.getSubject() };
  return status.type === "error" ? toErrorEvent(status.error) : undefined;
}

function toErrorEvent(error: Error): MessagingEvent | undefined {
  if (error instanceof errors.PermissionViolationError) {
    return { type: "permissionViolation", subject: error.subject, operation: error.operation };
  }
  // The server names this error by its text alone; it closes the connection after it.
  if (error instanceof errors.ProtocolError && /^slow consumer/i.test(error.message)) {
    return { type: "slowConsumer", subject: "" };
  }
  return undefined;
}
