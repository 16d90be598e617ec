import { tensorOf, type Tensor } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { printStream, type ShownFrame } from "./print-stream.ts";

const timings = { queuedMs: 1, batchMs: 1, transferMs: 1, inferenceMs: 1, totalMs: 4 };

async function printed(frames: readonly (readonly Tensor[])[], { asJson = false } = {}): Promise<string> {
  let text = "";
  async function* stream(): AsyncGenerator<ShownFrame> {
    for (const [frame, tensors] of frames.entries()) {
      const outputs = Object.fromEntries(tensors.map((tensor) => [tensor.name, tensor]));
      yield { frame, final: frame === frames.length - 1, outputs, parameters: {}, timings };
    }
  }
  const context = { print: (more: string) => void (text += more), note: () => {} };
  await printStream(context, { frames: stream(), asJson });
  return text;
}

describe("printStream()", () => {
  test("puts the texts of frames together, and ends their line", async () => {
    expect(await printed([[tensorOf("text", ["If "])], [tensorOf("text", ["you"])]])).toBe("If you\n");
  });

  test("shows what is no text of each frame in lines of its own", async () => {
    const y = tensorOf("y", Float32Array.of(2.5, 3), [2]);
    expect(await printed([[y]])).toBe("y  2.500, 3\n");
    expect(await printed([[tensorOf("text", ["a"])], [tensorOf("text", ["b"]), y], [y]])).toBe(
      "ab\ny  2.500, 3\ny  2.500, 3\n",
    );
  });

  test("prints a line of JSON for each frame, with everything in it", async () => {
    const y = tensorOf("y", Float32Array.of(2.5), [1]);
    const lines = (await printed([[y], []], { asJson: true })).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        frame: 0,
        final: false,
        outputs: [{ name: "y", datatype: "FP32", shape: [1], data: [2.5] }],
        parameters: {},
        timings,
      },
      { frame: 1, final: true, outputs: [], parameters: {}, timings },
    ]);
  });
});
