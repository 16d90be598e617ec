import { describe, expect, test } from "vitest";
import { encodeReplyPack, decodeReplyPack, createFrame, tensorOf } from "@sluice/protocol";
import { alignedPayload } from "./aligned-payload.ts";
import { outputsOf } from "./result-tensor.ts";

const request = { id: "r", tenant: "acme", reply: "", accept: "msgpack", attempt: 0 } as const;

describe("alignedPayload()", () => {
  test.each([0, 1, 7, 8, 9, 16, 4099])("ends a message of %i bytes at a multiple of 8", (length) => {
    const payload = Uint8Array.from({ length }, (_, index) => index);
    const copy = alignedPayload(payload);
    expect(copy).toEqual(payload);
    expect((copy.byteOffset + copy.byteLength) % 8).toBe(0);
  });

  test("lets the values of every row be a view into the message", () => {
    const frames = Array.from({ length: 5 }, (_, row) => {
      const { bytes, ...layout } = tensorOf("y", Float32Array.of(row, row, row));
      return createFrame(request, { outputs: [layout], body: [bytes] });
    });
    const message = encodeReplyPack({ model: "echo", version: "1", frames });
    const payload = alignedPayload(message);
    decodeReplyPack(payload).frames.forEach((frame, row) => {
      const values = outputsOf(frame)["y"]?.values();
      expect(values).toEqual(Float32Array.of(row, row, row));
      expect(values?.buffer).toBe(payload.buffer);
    });
  });
});
