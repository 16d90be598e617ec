import { describe, expect, test } from "vitest";
import { headerBytes } from "./nats-message.ts";

describe("headerBytes()", () => {
  test.each([
    { a: "b" },
    { "Content-Type": "application/json", "Nats-Msg-Id": "1234" },
    { city: "Zürich", empty: "" },
  ])("is what %j takes on the wire", (headers) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    expect(headerBytes(headers)).toBe(Buffer.byteLength(`NATS/1.0\r\n${lines.join("")}\r\n`));
  });
});
