import { describe, expect, test } from "vitest";
import { headerBytes, toNatsHeaders } from "./nats-message.ts";

describe("headerBytes()", () => {
  test.each([
    { a: "b" },
    { "Content-Type": "application/json", "Nats-Msg-Id": "1234" },
    { city: "Zürich", empty: "" },
  ])("is at least what the client writes for %j, and at most four bytes a header more", (headers) => {
    const written = Buffer.byteLength(String(toNatsHeaders(headers)));
    const bytes = headerBytes(headers);
    expect(bytes).toBeGreaterThanOrEqual(written);
    expect(bytes - written).toBeLessThanOrEqual(4 * Object.keys(headers).length);
  });
});
