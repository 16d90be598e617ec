import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import { limitError, limitOf } from "./limit-error.ts";

const exceeded = { limit: "maxQueueSeconds", value: 2, actual: 3.5 };

describe("limitError()", () => {
  test("says which limit, its value and what it would have been", () => {
    const error = limitError("too long", exceeded);
    expect(error).toMatchObject({ code: "resourceExhausted", message: "too long", details: exceeded });
    expect(error.retryAfterMs).toBeUndefined();
    expect(limitOf(error)).toEqual({ limit: "maxQueueSeconds", of: "" });
  });

  test("says whose limit it is where a record sets it", () => {
    const error = limitError("too long", { ...exceeded, of: "group" });
    expect(error.details).toEqual({ ...exceeded, of: "group" });
    expect(limitOf(error)).toEqual({ limit: "maxQueueSeconds", of: "group" });
  });

  test("says when to come back where waiting helps, as unavailable where all share the limit", () => {
    const error = limitError("full", { ...exceeded, code: "unavailable", retryAfterMs: 50 });
    expect(error).toMatchObject({ code: "unavailable", retryAfterMs: 50, retryable: true });
  });
});

describe("limitOf()", () => {
  test.each([{}, { details: { limit: 3 } }, { details: { reason: "closed" } }])(
    "finds none in an error with %j",
    (options) => {
      expect(limitOf(new InferenceError("unavailable", "no", options))).toEqual({ limit: "", of: "" });
    },
  );
});
