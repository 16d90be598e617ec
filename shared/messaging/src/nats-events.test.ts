import { errors, type Status } from "nats";
import { describe, expect, test } from "vitest";
import { toMessagingEvent } from "./nats-events.ts";

describe("toMessagingEvent()", () => {
  test.each<[Status, unknown]>([
    [{ type: "disconnect", server: "a:1" }, { type: "disconnected" }],
    [
      { type: "reconnect", server: "a:1" },
      { type: "reconnected", server: "a:1" },
    ],
    [
      { type: "error", error: new errors.PermissionViolationError("no", "publish", "secret.subject") },
      { type: "permissionViolation", subject: "secret.subject", operation: "publish" },
    ],
    [
      { type: "error", error: new errors.ProtocolError("Slow Consumer Detected") },
      { type: "slowConsumer", subject: "" },
    ],
    [{ type: "error", error: new errors.ProtocolError("Unknown Protocol Operation") }, undefined],
    [{ type: "reconnecting" }, undefined],
    [{ type: "update" }, undefined],
    [{ type: "ldm", server: "a:1" }, undefined],
    [{ type: "ping", pendingPings: 1 }, undefined],
    [{ type: "close" }, undefined],
  ])("takes %j for %j", (status, event) => {
    expect(toMessagingEvent(status)).toEqual(event);
  });
});
