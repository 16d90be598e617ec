import { expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { errorFrame } from "./frames.ts";
import { limitError, limitOf, limitRefusal } from "./limit-error.ts";
import { createRefusal } from "./refusal.ts";

const request = { id: "a", tenant: "acme", reply: "_INBOX.1", accept: "msgpack", attempt: 0 } as const;
const exceeded = { limit: "maxQueueSeconds", of: "group", value: 1, actual: 2, retryAfterMs: 50 } as const;

test("createRefusal() makes a plain value, without a stack", () => {
  const refusal = createRefusal("unavailable", "no worker", { retryAfterMs: 100 });
  expect(refusal).toEqual({
    code: "unavailable",
    message: "no worker",
    retryAfterMs: 100,
    details: undefined,
  });
  expect(refusal).not.toBeInstanceOf(Error);
});

test("a refusal and an error that say the same make the same frame", () => {
  const error = new InferenceError("unavailable", "no worker", {
    retryAfterMs: 100,
    details: { pool: "gpu" },
  });
  const refusal = createRefusal("unavailable", "no worker", { retryAfterMs: 100, details: { pool: "gpu" } });
  expect(errorFrame(request, { epoch: 1 }, refusal)).toEqual(errorFrame(request, { epoch: 1 }, error));
});

test("limitRefusal() says what limitError() says", () => {
  const refusal = limitRefusal("too long", exceeded);
  const error = limitError("too long", exceeded);
  expect(refusal).not.toBeInstanceOf(Error);
  expect(limitOf(refusal)).toEqual({ limit: "maxQueueSeconds", of: "group" });
  expect(errorFrame(request, { epoch: 1 }, refusal)).toEqual(errorFrame(request, { epoch: 1 }, error));
});
