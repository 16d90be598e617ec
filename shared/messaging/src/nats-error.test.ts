import { JetStreamApiError } from "@nats-io/jetstream";
import { InferenceError } from "@sluice/protocol";
import { errors } from "nats";
import { describe, expect, test } from "vitest";
import { toConnectError, toInferenceError, toJetStreamError } from "./nats-error.ts";

const noResponders = new errors.RequestError("wrapped", { cause: new errors.NoRespondersError("a") });

describe("toInferenceError()", () => {
  test.each([
    { error: new errors.ClosedConnectionError(), code: "unavailable", reason: "closed" },
    { error: new errors.DrainingConnectionError(), code: "unavailable", reason: "draining" },
    { error: new errors.NoRespondersError("a"), code: "unavailable", reason: "noResponders" },
    { error: noResponders, code: "unavailable", reason: "noResponders" },
    { error: new errors.TimeoutError(), code: "deadlineExceeded", reason: "timeout" },
    {
      error: new errors.PermissionViolationError("its own words", "publish", "a"),
      code: "permissionDenied",
      reason: "permission",
    },
    {
      error: new errors.UserAuthenticationExpiredError("its own words"),
      code: "unauthenticated",
      reason: "expired",
    },
    { error: new errors.AuthorizationError("its own words"), code: "unauthenticated", reason: "refused" },
    { error: new errors.InvalidSubjectError("a b"), code: "invalidArgument", reason: "subject" },
    { error: new errors.InvalidArgumentError("its own words"), code: "invalidArgument", reason: "argument" },
    { error: new errors.ConnectionError("refused"), code: "unavailable", reason: "disconnected" },
    { error: new errors.RequestError("its own words"), code: "unavailable", reason: "disconnected" },
  ])("makes $error.name $code because of $reason", ({ error, code, reason }) => {
    const converted = toInferenceError(error);
    expect(converted).toMatchObject({ code, details: { reason } });
    expect(converted.cause).toBe(error);
    expect(converted.message).not.toContain(error.message);
  });

  test("keeps an InferenceError and makes anything else internal", () => {
    const error = new InferenceError("notFound", "no such model");
    expect(toInferenceError(error)).toBe(error);
    expect(toInferenceError(new TypeError("odd"))).toMatchObject({ code: "internal" });
    expect(toInferenceError("odd")).toMatchObject({ code: "internal", cause: "odd" });
  });

  test.each([
    { errCode: 10008, code: "unavailable", reason: "jetstreamUnavailable" },
    { errCode: 10039, code: "unavailable", reason: "jetstreamUnavailable" },
    { errCode: 10076, code: "unavailable", reason: "jetstreamUnavailable" },
    { errCode: 10167, code: "unavailable", reason: "overload" },
    { errCode: 10077, code: "resourceExhausted", reason: "streamFull" },
    { errCode: 10023, code: "resourceExhausted", reason: "storageFull" },
    { errCode: 10047, code: "resourceExhausted", reason: "storageFull" },
    { errCode: 10054, code: "resourceExhausted", reason: "messageTooLarge" },
    { errCode: 10025, code: "internal", reason: "jetstreamRefusal" },
  ])("makes JetStream's refusal $errCode $code because of $reason", ({ errCode, code, reason }) => {
    const error = new JetStreamApiError({ code: 503, err_code: errCode, description: "its own words" });
    const converted = toInferenceError(error);
    expect(converted).toMatchObject({ code, details: { reason, jetstreamCode: errCode } });
    expect(converted.message).not.toContain("its own words");
  });
});

describe("toJetStreamError()", () => {
  test("tells JetStream that is away from an answer that does not come", () => {
    expect(toJetStreamError(noResponders)).toMatchObject({
      code: "unavailable",
      details: { reason: "jetstreamUnavailable" },
    });
    expect(toJetStreamError(new errors.TimeoutError())).toMatchObject({
      code: "unavailable",
      details: { reason: "timeout" },
    });
  });

  test("leaves other failures as they are", () => {
    expect(toJetStreamError(new errors.ClosedConnectionError())).toMatchObject({
      details: { reason: "closed" },
    });
  });
});

describe("toConnectError()", () => {
  test.each([
    { what: "a server that does not greet in time", error: new errors.TimeoutError() },
    { what: "a name that is not found", error: new Error("getaddrinfo ENOTFOUND nowhere") },
    { what: "a refused connection", error: new errors.ConnectionError("refused") },
  ])("$what is a server that could not be reached", ({ error }) => {
    expect(toConnectError(error)).toMatchObject({
      code: "unavailable",
      message: "no NATS server could be reached",
      details: { reason: "disconnected" },
      cause: error,
    });
  });

  test("refused credentials stay what they are", () => {
    expect(toConnectError(new errors.AuthorizationError("no"))).toMatchObject({ code: "unauthenticated" });
  });
});
