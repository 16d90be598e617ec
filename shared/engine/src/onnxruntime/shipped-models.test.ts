import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import type { Engine, EngineTensor } from "../engine.ts";
import { loadOnnxEngine } from "./onnx-engine.ts";

const repository = fileURLToPath(new URL("../../../../deploy/models", import.meta.url));
const models = readdirSync(repository, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe("the models of deploy/models", () => {
  test.each(models)("%s is loaded with a batch axis", async (model) => {
    await using engine = await loadModel(model);
    expect(engine.signature.hasBatchAxis).toBe(true);
  });

  test.each(models)("%s names origin, licence and digest of each of its files", (model) => {
    const folder = join(repository, model);
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    for (const file of readdirSync(join(folder, "1"))) {
      const digest = createHash("sha256")
        .update(readFileSync(join(folder, "1", file)))
        .digest("hex");
      expect(readme).toMatch(new RegExp(`\`1/${file}\` +\\| \`${digest}\` \\| (MIT|Apache-2.0)`));
    }
  });

  test("language-id takes the n-gram shares of a German sentence for German", async () => {
    await using engine = await loadModel("language-id");
    const vocabulary = JSON.parse(readFileSync(join(repository, "language-id/1/lande.vocab.json"), "utf8"));
    const features = ngramShares(" wo ist der bahnhof ", vocabulary.ngrams);
    const [probs] = (await engine.run([floats("ngram_freq", [1, 620], features)])).outputs;
    const german = vocabulary.languages.indexOf("deu");
    expect(new Float32Array(probs?.buffer ?? new ArrayBuffer(0))[german]).toBeCloseTo(0.7605, 3);
  });

  test("sentence-embedding puts sentences of like meaning near each other", async () => {
    await using engine = await loadModel("sentence-embedding");
    const [cat, kitten, rates] = await Promise.all(
      [
        [34, 1163, 1656, 7, 25, 9, 688, 17, 6],
        [74, 7317, 874, 7, 25, 9, 30, 4852, 6],
        [3382, 281, 3145, 5368, 480, 43, 1275, 6],
      ].map((ids) => embed(engine, ids)),
    );
    // On any processor; with weights of 32 bits they are 0.652 and 0.039.
    expect(dotProduct(cat, kitten)).toBeCloseTo(0.65, 3);
    expect(dotProduct(cat, rates)).toBeCloseTo(0.038, 3);
  });

  test("char-lm, whose symbol 0 is the blank, sees one coming after a word", async () => {
    await using engine = await loadModel("char-lm");
    // "\\" before "n" would be odd; after "the" comes a blank.
    expect(await likeliestSymbol(engine, "If you want to run the")).toBe(0);
  });

  test("overhead-probe answers with probabilities", async () => {
    await using engine = await loadModel("overhead-probe");
    const [probs] = (
      await engine.run([
        floats(
          "input",
          [3, 16],
          Array.from({ length: 48 }, () => 0.5),
        ),
      ])
    ).outputs;
    expect(probs?.shape).toEqual([3, 10]);
    const total = new Float32Array(probs?.buffer ?? new ArrayBuffer(0)).reduce(
      (sum, value) => sum + value,
      0,
    );
    expect(total).toBeCloseTo(3, 4);
  });
});

function loadModel(model: string): Promise<Engine> {
  const modelPath = join(repository, model, "1", "model.onnx");
  // What a worker reads from the model's description, for files that do not say it.
  const isTold = /^hasBatchAxis: true$/mu.test(readFileSync(join(repository, model, "model.yaml"), "utf8"));
  return loadOnnxEngine({ modelPath, clock: systemClock, ...(isTold ? { hasBatchAxis: true } : {}) });
}

function floats(name: string, shape: readonly number[], values: readonly number[]): EngineTensor {
  return { name, datatype: "FP32", shape, buffer: Float32Array.from(values).buffer };
}

function integers(name: string, values: readonly number[]): EngineTensor {
  const buffer = BigInt64Array.from(values, BigInt).buffer;
  return { name, datatype: "INT64", shape: [1, values.length], buffer };
}

/** As language-id/README.md describes it, for a text that is already folded. */
function ngramShares(text: string, ngrams: Readonly<Record<string, readonly string[]>>): number[] {
  return Object.values(ngrams).flatMap((listed, index) => {
    const length = index + 1;
    const found = Array.from({ length: text.length - length + 1 }, (_, at) => text.slice(at, at + length));
    return listed.map((ngram) => found.filter((other) => other === ngram).length / found.length);
  });
}

async function embed(engine: Engine, ids: readonly number[]): Promise<Float32Array> {
  const [embedding] = (await engine.run([integers("input_ids", ids)])).outputs;
  return new Float32Array(embedding?.buffer ?? new ArrayBuffer(0));
}

function dotProduct(a: Float32Array | undefined, b: Float32Array | undefined): number {
  return (a ?? new Float32Array()).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);
}

async function likeliestSymbol(engine: Engine, text: string): Promise<number> {
  const symbols = Array.from(text, (character) => character.charCodeAt(0) - 32);
  const past = engine.signature.inputs
    .filter(({ name }) => name.startsWith("past_key_values."))
    .map(({ name }) => floats(name, [1, 4, 0, 24], []));
  const { outputs } = await engine.run([
    integers("input_ids", symbols),
    integers(
      "position_ids",
      symbols.map((_, position) => position),
    ),
    integers(
      "attention_mask",
      symbols.map(() => 1),
    ),
    ...past,
  ]);
  const logits = new Float32Array(
    outputs.find(({ name }) => name === "logits")?.buffer ?? new ArrayBuffer(0),
  );
  const last = logits.subarray((symbols.length - 1) * 96);
  return last.indexOf(Math.max(...last));
}
