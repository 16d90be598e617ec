import { join } from "node:path";
import { systemClock } from "@sluice/runtime";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StepRow } from "../decoder.ts";
import { describeDecoder } from "../contract.ts";
import type { EngineTensor } from "../engine.ts";
import { createStepRunner, type RunModel, type StepRunner } from "./decode-step.ts";
import { decoderSpecOf, tokenBytesOf, type DecoderSpec } from "./decoder-spec.ts";
import { toSignature } from "./declared-signature.ts";
import { loadOnnxEngine } from "./onnx-engine.ts";
import { fromOrtTensor, toOrtTensor } from "./ort-tensor.ts";

const modelPath = join(import.meta.dirname, "../../../../deploy/models/char-lm/1/model.onnx");

/** The symbols of char-lm are the printable ASCII characters in order. */
function symbolsOf(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0) - 32);
}

describeDecoder("loadOnnxEngine() of char-lm", async () => ({
  engine: await loadOnnxEngine({ modelPath, clock: systemClock }),
  prompts: ["If you want to run the", "The", "Run the command "].map(symbolsOf),
  wrongToken: 4096,
}));

describe("createStepRunner()", () => {
  let session: InferenceSession;
  let spec: DecoderSpec;

  beforeAll(async () => {
    session = await InferenceSession.create(modelPath, { intraOpNumThreads: 1 });
    const declared = (tensors: readonly InferenceSession.ValueMetadata[]) =>
      tensors.flatMap((tensor) =>
        tensor.isTensor ? [{ name: tensor.name, type: tensor.type, shape: tensor.shape }] : [],
      );
    const signature = toSignature({
      inputs: declared(session.inputMetadata),
      outputs: declared(session.outputMetadata),
    });
    spec = decoderSpecOf(signature) ?? { past: [] };
  });
  afterAll(() => session.release());

  /** Each run takes 12 ms. */
  let nowMs = 0;
  const createRunner = (runModel: RunModel): StepRunner =>
    createStepRunner(spec, {
      runModel: (inputs) => {
        nowMs += 12;
        return runModel(inputs);
      },
      nowMs: () => nowMs,
    });

  /** A runner, and the scores after the last token of each row of each of its runs. */
  function startRunner(): { runner: StepRunner; scores: number[][] } {
    const scores: number[][] = [];
    const runner = createRunner(async (inputs) => {
      const feeds = Object.fromEntries(inputs.map((input) => [input.name, toOrtTensor(input)]));
      const results = await session.run(feeds);
      const outputs = Object.entries(results).map(([name, tensor]) => fromOrtTensor(name, tensor));
      scores.push(...lastScores(outputs));
      return outputs;
    });
    return { runner, scores };
  }

  async function step(runner: StepRunner, rows: readonly StepRow[]): Promise<number[]> {
    const outcomes = await runner.step({ rows, forgotten: [] });
    return outcomes.map((outcome) => (outcome.kind === "token" ? outcome.token : -1));
  }

  test("gives rows of different length the scores that each has alone, to 1e-4, and the same tokens", async () => {
    const prompts = ["If you want to run the", "A", "The server is", "Run "].map(symbolsOf);
    const together = startRunner();
    const rows = prompts.map((tokens, sequence) => ({ sequence, tokens }));
    const texts = rows.map(({ tokens }) => [...tokens]);
    let next = await step(together.runner, rows);
    let compared = 0;
    for (let index = 0; index < 40; index++) {
      for (const [row, token] of next.entries()) texts[row]?.push(token);
      together.scores.length = 0;
      next = await step(
        together.runner,
        next.map((token, sequence) => ({ sequence, tokens: [token] })),
      );
      for (const [row, tokens] of texts.entries()) {
        const alone = startRunner();
        const [token] = await step(alone.runner, [{ sequence: 0, tokens }]);
        expect(token).toBe(next[row]);
        for (const [at, score] of (alone.scores[0] ?? []).entries()) {
          expect(Math.abs(score - (together.scores[row]?.[at] ?? Infinity))).toBeLessThan(1e-4);
          compared += 1;
        }
      }
    }
    expect(compared).toBe(40 * prompts.length * 96);
  });

  test("runs rows of one token together, before the prompts", async () => {
    const sizes: number[][] = [];
    const runner = createRunner(async (inputs) => {
      sizes.push([...(inputs[0]?.shape ?? [])]);
      throw new Error("enough");
    });
    const rows = [[1, 2, 3], [4], [5, 6, 7], [8]].map((tokens, sequence) => ({ sequence, tokens }));
    const outcomes = await runner.step({ rows, forgotten: [] });
    expect(sizes).toEqual([
      [2, 1],
      [1, 1],
      [1, 1],
      [2, 3],
      [1, 3],
      [1, 3],
    ]);
    expect(outcomes).toEqual(rows.map(() => ({ kind: "failed", reason: "enough" })));
  });

  test("shares the time of each run among its rows", async () => {
    const { runner } = startRunner();
    const rows = [[4], [8, 1], [5], [6]].map((tokens, sequence) => ({ sequence, tokens }));
    const outcomes = await runner.step({ rows, forgotten: [] });
    expect(outcomes).toMatchObject([4, 12, 4, 4].map((inferenceMs) => ({ kind: "token", inferenceMs })));
  });

  test("counts the bytes of a token over all layers", () => {
    expect(tokenBytesOf(spec)).toBe(2 * 2 * 4 * 24 * 4);
  });
});

/** The scores after the last token of each row. */
function lastScores(outputs: readonly EngineTensor[]): number[][] {
  const logits = outputs.find(({ name }) => name === "logits");
  const [rows = 0, length = 0, width = 0] = logits?.shape ?? [];
  const scores = new Float32Array(logits?.buffer ?? new ArrayBuffer(0));
  return Array.from({ length: rows }, (_, row) => {
    const end = (row + 1) * length * width;
    return [...scores.subarray(end - width, end)];
  });
}
