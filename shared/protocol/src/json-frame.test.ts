import { describe, expect, test } from "vitest";
import { InferenceError } from "./error.ts";
import type { Frame } from "./frame.ts";
import { createFrame, errorFrame } from "./frames.ts";
import { encodeJsonFrame } from "./json-frame.ts";
import { decodeJsonRequest } from "./json-request.ts";
import { tensorOf, type TensorValue } from "./tensor-values.ts";

const caller = { id: "r-1", tenant: "acme", reply: "_INBOX.a", accept: "json", attempt: 0 } as const;

function textOf(frame: Frame): string {
  return new TextDecoder().decode(encodeJsonFrame({ model: "scores", version: "3", frame }));
}

function documentOf(frame: Frame): unknown {
  return JSON.parse(textOf(frame));
}

function withOutput(value: TensorValue): Frame {
  const { bytes, ...layout } = tensorOf("y", value);
  return createFrame(caller, { outputs: [layout], body: [bytes] });
}

describe("encodeJsonFrame()", () => {
  test("writes a result with its timings", () => {
    const timings = { queuedMs: 1, batchMs: 2, transferMs: 3, inferenceMs: 4, totalMs: 10.5 };
    const { bytes, ...layout } = tensorOf("y", [0.5, 2], [1, 2]);
    const frame = createFrame(caller, {
      timings,
      outputs: [layout],
      body: [bytes],
      parameters: { reason: "stop" },
    });
    expect(documentOf(frame)).toEqual({
      model_name: "scores",
      model_version: "3",
      id: "r-1",
      parameters: {
        reason: "stop",
        queued_ms: 1,
        batch_ms: 2,
        transfer_ms: 3,
        inference_ms: 4,
        total_ms: 10.5,
      },
      outputs: [{ name: "y", datatype: "FP32", shape: [1, 2], data: [0.5, 2] }],
    });
  });

  test("says of generated text when it began and what each token took", () => {
    const timings = { ...createFrame(caller, {}).timings, firstTokenMs: 4.5, tokenMs: 0.75 };
    expect(documentOf(createFrame(caller, { timings }))).toMatchObject({
      parameters: { first_token_ms: 4.5, token_ms: 0.75 },
    });
  });

  test("leaves an empty id out", () => {
    expect(documentOf({ ...createFrame(caller, {}), id: "" })).not.toHaveProperty("id");
  });

  test.each([[{ frame: 0, final: false }], [{ frame: 1, final: false }], [{ frame: 2, final: true }]])(
    "says the number and the end of a streamed frame: %o",
    (place) => {
      expect(documentOf(createFrame(caller, place))).toMatchObject({ parameters: place });
    },
  );

  test("says neither of a result of one frame", () => {
    expect(textOf(createFrame(caller, {}))).not.toMatch(/"frame"|"final"/);
  });

  test.each<readonly [string, TensorValue, string]>([
    [
      "64-bit integers digit by digit",
      BigInt64Array.of(9_007_199_254_740_993n, -1n),
      "[9007199254740993,-1]",
    ],
    ["unsigned 64-bit integers", BigUint64Array.of(2n ** 64n - 1n), "[18446744073709551615]"],
    ["floats that JSON has no word for", [NaN, Infinity, -Infinity, -0], '["NaN","Infinity","-Infinity",-0]'],
    ["flags", [true, false], "[true,false]"],
    ["texts", ['a"b', "é"], '["a\\"b","é"]'],
    ["nothing", new Float32Array(), "[]"],
  ])("writes %s", (_name, value, data) => {
    expect(textOf(withOutput(value))).toContain(`"data":${data}}`);
  });

  test("writes half-precision floats as numbers", () => {
    const output = { name: "y", datatype: "FP16", shape: [2] } as const;
    const body = [Uint8Array.of(0x00, 0x3c, 0x00, 0xc0)];
    expect(textOf(createFrame(caller, { outputs: [output], body }))).toContain('"data":[1,-2]}');
  });

  test.each<readonly [string, TensorValue]>([
    ["floats", [0.1, NaN, Infinity, -Infinity, -0, 1e-45, 3.4e38]],
    ["doubles", Float64Array.of(0.1, NaN, 5e-324, Number.MAX_VALUE)],
    ["integers", Int32Array.of(-2_147_483_648, 0, 2_147_483_647)],
    ["texts", ["", "é\u0000\n\\", "😀"]],
    ["flags", [true, false]],
  ])("writes %s as they can be read back", (_name, value) => {
    const frame = withOutput(value);
    const { body } = decodeJsonRequest(
      new TextEncoder().encode(textOf(frame).replace('"outputs"', '"inputs"').replace("scores", "")),
    );
    expect(body).toEqual(frame.body);
  });

  test("writes an error with its code, how long to wait, and its details", () => {
    const details = { limit: "maxQueueRequests", value: 2, actual: 3 };
    const error = new InferenceError("unavailable", "the queue is full", { retryAfterMs: 20, details });
    expect(documentOf(errorFrame(caller, { epoch: 3 }, error))).toEqual({
      error: "the queue is full",
      code: "unavailable",
      id: "r-1",
      retry_after_ms: 20,
      details,
    });
    expect(documentOf(errorFrame(caller, { epoch: 3 }, new InferenceError("internal", "no")))).toEqual({
      error: "no",
      code: "internal",
      id: "r-1",
    });
  });

  test("refuses a body that does not fit its outputs", () => {
    const frame = { ...withOutput([1, 2]), body: [new Uint8Array(7)] };
    expect(() => textOf(frame)).toThrow('tensor "y" has 7 bytes, expected 8 for FP32 [2]');
  });
});
