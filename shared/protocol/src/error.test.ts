import { describe, expect, test } from "vitest";
import { codes } from "./code.ts";
import { InferenceError, isRetryable } from "./error.ts";

describe("InferenceError", () => {
  test("from() leaves an inference error as it is", () => {
    const error = new InferenceError("notFound", 'model "a" is unknown');
    expect(InferenceError.from(error)).toBe(error);
  });

  test("from() keeps a foreign error as the cause and says nothing of it", () => {
    const cause = new TypeError("secret path");
    const error = InferenceError.from(cause);
    expect(error).toMatchObject({ code: "internal", message: "internal error", cause });
  });

  test("only unavailable is worth the same request again", () => {
    expect(codes.filter((code) => code !== "ok" && isRetryable(code))).toEqual(["unavailable"]);
    expect(new InferenceError("unavailable", "draining").retryable).toBe(true);
  });
});
