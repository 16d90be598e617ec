import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { stringsOf, typedArrayOf } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { takeAll } from "../fixtures/take-all.ts";
import { createCtc } from "./ctc.ts";
import { loadResultStep, loadTextStep } from "./load-steps.ts";
import { createNgramFrequencies, normalizeText } from "./ngram-frequencies.ts";
import { createTokenize } from "./tokenize.ts";
import { createTopLabels } from "./top-labels.ts";

const models = join(import.meta.dirname, "../../../../deploy/models");

describe("normalizeText()", () => {
  test.each([
    ["Hello, World!", " hello world "],
    ["well-known – fact", " well known fact "],
    ["  Ünïcode\t\nZeilen 42 ", " ünïcode zeilen "],
    ["", "  "],
  ])("turns %j into %j", (text, expected) => {
    expect(normalizeText(text)).toBe(expected);
  });
});

describe("createNgramFrequencies()", () => {
  const vocabulary = { grams: [["a", " "], ["ab"]] };
  const step = createNgramFrequencies({ input: "text", output: "x", vocabulary });

  test("gives each n-gram its share among all of its length", () => {
    // " aab " has 5 characters and 4 pairs.
    expect(Array.from(step.prepareRow("aab"))).toEqual([2 / 5, 2 / 5, 1 / 4].map(Math.fround));
  });

  test("joins rows one after the other", () => {
    const joined = step.joinRows([step.prepareRow("a"), step.prepareRow("ab")], 1);
    expect(joined).toMatchObject({ name: "x", datatype: "FP32", shape: [2, 3] });
    expect(joined.buffer.byteLength).toBe(24);
  });

  test("fills the 620 numbers of the language model from its vocabulary file", async () => {
    const description = { ngramFrequencies: { input: "text", output: "x", vocabulary: "lande.vocab.json" } };
    const loaded = await loadTextStep(description, join(models, "language-id/1"));
    const row = Array.from(loaded.prepareRow("the cat sat on the mat"));
    const { ngrams } = JSON.parse(readFileSync(join(models, "language-id/1/lande.vocab.json"), "utf8"));
    expect(row).toHaveLength(620);
    expect(row[ngrams.unigrams.indexOf("t")]).toBeCloseTo(5 / 24);
    expect(row.reduce((total, frequency) => total + frequency, 0)).toBeGreaterThan(1);
  });
});

describe("createTokenize()", () => {
  const encoder = { encode: (text: string) => ({ ids: Array.from(text, Number) }) };
  const step = createTokenize({ input: "text", output: "ids", encoder, padId: 0, maxTokens: 4 });

  test("pads rows at the end to the length of their run", () => {
    const { buffer, ...joined } = step.joinRows([step.prepareRow("12"), step.prepareRow("3456")], 4);
    expect(joined).toEqual({ name: "ids", datatype: "INT64", shape: [2, 4] });
    expect([...new BigInt64Array(buffer)]).toEqual([1n, 2n, 0n, 0n, 3n, 4n, 5n, 6n]);
  });

  test("gives texts without tokens one column of padding", () => {
    const rows = [step.prepareRow("")];
    expect(step.joinRows(rows, step.paddedLength(0)).shape).toEqual([1, 1]);
  });

  test("pads to few lengths, and never to more tokens than the model takes", () => {
    const long = createTokenize({ input: "text", output: "ids", encoder, padId: 0, maxTokens: 120 });
    expect([9, 17, 90, 113, 120].map(long.paddedLength)).toEqual([9, 18, 96, 120, 120]);
  });

  test("refuses a text with too many tokens and names both numbers", () => {
    expect(() => step.prepareRow("12345")).toThrow("5 tokens, expected at most 4");
  });

  test("reads the tokenizer file of the embedding model", async () => {
    const options = { input: "text", output: "ids", tokenizer: "tokenizer.json", padId: 0, maxTokens: 128 };
    const loaded = await loadTextStep({ tokenize: options }, join(models, "sentence-embedding/1"));
    expect(Array.from(loaded.prepareRow("Hello world"))).toEqual([341, 4125, 311]);
  });

  test("names a file that is missing", async () => {
    const options = { input: "text", output: "ids", tokenizer: "none.json", padId: 0, maxTokens: 128 };
    const loading = loadTextStep({ tokenize: options }, join(models, "sentence-embedding/1"));
    await expect(loading).rejects.toMatchObject({ code: "notFound" });
  });
});

describe("createTopLabels()", () => {
  const topLabels = createTopLabels({
    input: "probs",
    labels: ["a", "b", "c"],
    count: 1,
    labelOutput: "label",
    scoreOutput: "score",
  });
  const values = Float32Array.from([0.25, 0.5, 0.25, 0.75, 0, 0.125]);
  const scores = { values, items: 2, rowShape: [3] };

  test("picks the best label of each item", () => {
    const [label, score] = takeAll(topLabels.toResults(scores, 1));
    expect(label).toMatchObject({ name: "label", datatype: "BYTES", shape: [2] });
    expect(label && stringsOf(label)).toEqual(["b", "a"]);
    expect(score && [...typedArrayOf(score)]).toEqual([0.5, 0.75]);
  });

  test("orders several labels by score, equal ones as they are listed", () => {
    const [label, score] = takeAll(topLabels.toResults(scores, 3));
    expect(label?.shape).toEqual([2, 3]);
    expect(label && stringsOf(label)).toEqual(["b", "a", "c", "a", "c", "b"]);
    expect(score && [...typedArrayOf(score)]).toEqual([0.5, 0.25, 0.25, 0.75, 0.125, 0]);
  });

  test.each([[0], [4], [1.5], ["2"]])("refuses top_k = %j", (value) => {
    expect(() => topLabels.countOf({ top_k: value })).toThrow("expected a whole number from 1 to 3");
  });

  test("takes the declared count when the request names none", () => {
    expect(topLabels.countOf({})).toBe(1);
  });

  test("reads a member of a label file", async () => {
    const outputs = { label: "language", score: "probability" };
    const description = { input: "probs", labels: "lande.vocab.json#languages", count: 1, outputs };
    const loaded = await loadResultStep({ topLabels: description }, join(models, "language-id/1"));
    expect(loaded.rowShape).toEqual([50]);
  });

  test("refuses a declared count above the number of labels and names both", async () => {
    const outputs = { label: "language", score: "probability" };
    const description = { input: "probs", labels: "lande.vocab.json#languages", count: 51, outputs };
    await expect(
      loadResultStep({ topLabels: description }, join(models, "language-id/1")),
    ).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("topLabels.count is 51, expected at most 50"),
    });
  });

  test("refuses labels that are not UTF-8 instead of answering others", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-labels-"));
    try {
      await writeFile(join(folder, "labels.json"), Buffer.from('["gr\u00fcn", "rot"]', "latin1"));
      const outputs = { label: "color", score: "probability" };
      const description = { input: "probs", labels: "labels.json", count: 1, outputs };
      await expect(loadResultStep({ topLabels: description }, folder)).rejects.toMatchObject({
        code: "invalidArgument",
        message: `${join(folder, "labels.json")} is not UTF-8`,
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("createCtc()", () => {
  const ctc = createCtc({
    input: "scores",
    alphabet: ["a", "b", " "],
    textOutput: "text",
    scoreOutput: "score",
  });

  /** Rows of three steps; each step gives its class this probability, and the others nothing. */
  function aPath(...steps: readonly (readonly [classNumber: number, probability: number])[]) {
    const values = new Float32Array(steps.length * 4);
    for (const [index, [classNumber, probability]] of steps.entries())
      values[index * 4 + classNumber] = probability;
    return values;
  }

  function read(values: Float32Array, items = 1) {
    const rowShape = [values.length / items / 4, 4];
    const [text, score] = takeAll(ctc.toResults({ values, items, rowShape }, 1));
    return { texts: text && stringsOf(text), scores: score && [...typedArrayOf(score)] };
  }

  test("takes repeated symbols once, and twice where a blank lies between them", () => {
    const path = aPath([1, 1], [1, 1], [0, 1], [1, 1], [2, 1], [2, 1]);
    expect(read(path)).toEqual({ texts: ["aab"], scores: [1] });
  });

  test("scores with the mean probability of the symbols it kept", () => {
    const path = aPath([0, 0.25], [1, 0.5], [1, 0.25], [3, 1]);
    expect(read(path)).toEqual({ texts: ["a "], scores: [0.75] });
  });

  test("reads nothing from blanks, with score 0", () => {
    expect(read(aPath([0, 1], [0, 1]))).toEqual({ texts: [""], scores: [0] });
  });

  test("reads each item by itself", () => {
    const path = aPath([1, 1], [2, 0.5], [2, 0.5], [0, 1]);
    expect(read(path, 2)).toEqual({ texts: ["ab", "b"], scores: [0.75, 0.5] });
  });
});
