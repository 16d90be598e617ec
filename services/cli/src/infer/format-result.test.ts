import { tensorOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { describeTimings, formatResult, textOf, toJsonResult } from "./format-result.ts";

const timings = { queuedMs: 0.44, batchMs: 1, transferMs: 0.2, inferenceMs: 2, totalMs: 4 };

describe("a result", () => {
  test("is shown with every output, parameter and stage of its time", () => {
    const outputs = [tensorOf("language", ["deu"]), tensorOf("probability", new Float32Array([0.98771]))];
    expect(formatResult({ outputs, parameters: { finish_reason: "length" }, timings })).toBe(
      [
        "language       deu",
        "probability    0.9877",
        "finish_reason  length",
        "timings        queued 0.4 ms, batch 1.0 ms, transfer 0.2 ms, inference 2.0 ms, total 4.0 ms",
        "",
      ].join("\n"),
    );
  });

  test("says when generated text began and what each token took", () => {
    const text = describeTimings({ ...timings, firstTokenMs: 1.5, tokenMs: 0.26 });
    expect(text).toMatch(/total 4\.0 ms, first token 1\.5 ms, per token 0\.3 ms$/u);
  });

  test("shows the beginning of a large output, and its type and shape", () => {
    const outputs = [tensorOf("embedding", new Float32Array(512), [1, 512])];
    const text = formatResult({ outputs, parameters: {}, timings });
    expect(text).toContain("FP32 [1,512]  0, 0, 0, 0, 0, 0, 0, 0, …");
  });

  test("keeps INT64 exact in JSON", () => {
    const outputs = [tensorOf("id", [1n, 2n ** 60n])];
    expect(toJsonResult({ outputs, parameters: {}, timings })["outputs"]).toEqual([
      { name: "id", datatype: "INT64", shape: [2], data: [1, "1152921504606846976"] },
    ]);
  });

  test("has half-precision floats as numbers", () => {
    const outputs = [
      { name: "y", datatype: "FP16", shape: [2], bytes: Uint8Array.of(0x00, 0x3c, 0x00, 0xb8) },
    ] as const;
    expect(formatResult({ outputs, parameters: {}, timings })).toContain("y        1, -0.5000\n");
    expect(toJsonResult({ outputs, parameters: {}, timings })).toMatchObject({
      outputs: [{ name: "y", datatype: "FP16", shape: [2], data: [1, -0.5] }],
    });
  });

  test("has floats that JSON has no word for as texts", () => {
    const outputs = [tensorOf("y", [NaN, Infinity, -Infinity, 0.5])];
    expect(formatResult({ outputs, parameters: {}, timings })).toContain(
      "y        NaN, Infinity, -Infinity, 0.5000\n",
    );
    expect(toJsonResult({ outputs, parameters: {}, timings })).toMatchObject({
      outputs: [{ data: ["NaN", "Infinity", "-Infinity", 0.5] }],
    });
  });

  test("gives the texts of a streamed frame as they are", () => {
    expect(textOf([tensorOf("text", ["a", "b"]), tensorOf("score", [1])])).toBe("ab");
  });
});
