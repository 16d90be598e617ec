import { expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { createFrame, errorFrame, frameDefaults } from "./frames.ts";

const caller = { id: "a", tenant: "acme", reply: "_INBOX.a", accept: "msgpack", attempt: 2 } as const;

test("createFrame() answers a request with defaults and its own attempt", () => {
  expect(createFrame(caller, {})).toEqual({ ...frameDefaults, ...caller });
});

test("createFrame() takes over everything it is told", () => {
  const content = {
    epoch: 1,
    attempt: 3,
    frame: 4,
    final: false,
    code: "aborted",
    message: "gone",
    details: { a: 1 },
    retryAfterMs: 5,
    timings: { queuedMs: 1, batchMs: 2, transferMs: 3, inferenceMs: 4, totalMs: 5 },
    outputs: [{ name: "y", datatype: "FP32", shape: [1] }],
    body: [new Uint8Array(4)],
    parameters: { b: true },
  } as const;
  expect(createFrame(caller, content)).toEqual({ ...caller, ...content });
});

test("errorFrame() is final and says code, message, details and when to come back", () => {
  const error = new InferenceError("resourceExhausted", "too much", {
    retryAfterMs: 7,
    details: { limit: 3 },
  });
  expect(errorFrame(caller, { epoch: 9 }, error)).toEqual({
    ...frameDefaults,
    ...caller,
    epoch: 9,
    code: "resourceExhausted",
    message: "too much",
    details: { limit: 3 },
    retryAfterMs: 7,
  });
  expect(errorFrame(caller, { epoch: 9, attempt: 0 }, error).attempt).toBe(0);
});
