import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InferenceError } from "@sluice/protocol";
import { describe, expect, test } from "vitest";

import { readModelRepository } from "./model-repository.ts";

interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** A repository with these model.yaml texts, by model, each with these version folders. */
async function aRepository(
  models: Readonly<Record<string, string>>,
  versions: readonly string[] = ["1"],
): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "sluice-models-"));
  for (const [name, text] of Object.entries(models)) {
    await mkdir(join(path, name), { recursive: true });
    for (const version of versions) await mkdir(join(path, name, version), { recursive: true });
    await writeFile(join(path, name, "model.yaml"), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe("readModelRepository()", () => {
  test("takes the latest version by number, not by text", async () => {
    await using folder = await aRepository({ m: "name: m\nengine: onnxruntime\n" }, ["2", "10", "backup"]);
    const { models } = await readModelRepository(folder.path);
    expect(models[0]).toMatchObject({ version: "10", pool: "default", instances: 1, maxBatchSize: 64 });
    expect(models[0]?.folder).toBe(join(folder.path, "m", "10"));
  });

  test("takes the latest of versions that no double can tell apart", async () => {
    const text = "name: m\nengine: onnxruntime\n";
    await using folder = await aRepository({ m: text }, ["1732344502123456788", "1732344502123456789"]);
    const { models } = await readModelRepository(folder.path);
    expect(models[0]?.version).toBe("1732344502123456789");
  });

  test("takes the version that the policy names", async () => {
    const text = "name: m\nengine: onnxruntime\nversionPolicy: 2\n";
    await using folder = await aRepository({ m: text }, ["2", "10"]);
    const { models } = await readModelRepository(folder.path);
    expect(models[0]?.version).toBe("2");
  });

  test("names the versions it found when the wanted one is missing", async () => {
    const text = "name: m\nengine: onnxruntime\nversionPolicy: 3\n";
    await using folder = await aRepository({ m: text }, ["1", "2"]);
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error.message).toContain("expected version folder 3, found 2, 1");
  });

  test("needs no version folder for a synthetic model", async () => {
    const text = "name: m\nengine: synthetic\nsynthetic: { alphaMs: 5 }\n";
    await using folder = await aRepository({ m: text }, []);
    const { models } = await readModelRepository(folder.path);
    expect(models[0]).toMatchObject({ version: "1", engine: { kind: "synthetic", options: { alphaMs: 5 } } });
  });

  test("lists every problem of a file with its place and what was expected", async () => {
    const text = `name: m
engine: onnxruntime
pool: "a pool"
instances: 0
color: red
forms:
  text:
    inputs: { text: { datatype: BITES, shape: [-1] } }
    preprocess: { tokenize: { input: text, output: ids, tokenizer: ../secret.json, padId: 0, maxTokens: 8 } }
`;
    await using folder = await aRepository({ m: text });
    const { failures } = await readModelRepository(folder.path);
    const message = failures[0]?.error.message ?? "";
    expect(message).toContain("pool: expected 1 to 64 of A-Z a-z 0-9 _ -");
    expect(message).toContain("instances: expected at least 1");
    expect(message).toContain("color: unknown field");
    expect(message).toContain("forms.text.inputs.text.datatype: expected one of BOOL");
    expect(message).toContain("tokenizer");
  });

  test.each([
    ["leaves the version folder", "../labels.json"],
    ["is absolute", "/etc/passwd"],
    ["leaves it in the middle", "a/../../labels.json"],
  ])("refuses a path that %s", async (_, path) => {
    const text = `name: m
engine: onnxruntime
forms:
  text:
    inputs: { text: { datatype: BYTES, shape: [-1] } }
    preprocess: { ngramFrequencies: { input: text, output: x, vocabulary: ${path} } }
`;
    await using folder = await aRepository({ m: text });
    const { models, failures } = await readModelRepository(folder.path);
    expect(models).toEqual([]);
    expect(failures[0]?.error.message).toContain("relative to the version folder");
  });

  test("reads limits of batching and waiting, and the promise of a model", async () => {
    const text = `name: m
engine: onnxruntime
limits: { maxBatchSize: 32, maxBatchTokens: 4096 }
slo: { latencyMs: 50 }
batching: { preferredBatchSizes: [16, 8, 8], maxQueueDelayMs: 2.5, timeoutAction: delay }
`;
    await using folder = await aRepository({ m: text, plain: "name: plain\nengine: onnxruntime\n" });
    const { models } = await readModelRepository(folder.path);
    expect(models[0]).toMatchObject({
      maxBatchTokens: 4096,
      sloMs: 50,
      batching: {
        preferredBatchSizes: [8, 16],
        maxQueueDelayMs: 2.5,
        preserveOrdering: false,
        maxQueueSize: 0,
        defaultQueueTimeoutMs: 0,
        allowTimeoutOverride: false,
        timeoutAction: "delay",
      },
    });
    expect(models[1]).toMatchObject({ maxBatchTokens: undefined, sloMs: undefined, batching: undefined });
  });

  test("says of every wrong limit of batching what was expected", async () => {
    const text = `name: m
engine: synthetic
slo: { latencyMs: 0 }
batching: { preferredBatchSizes: [0], maxQueueDelayMs: -1, maxQueueSize: 1.5, timeoutAction: drop, levels: 3 }
`;
    await using folder = await aRepository({ m: text }, []);
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error.details).toEqual({
      problems: expect.arrayContaining([
        "slo.latencyMs: expected milliseconds above 0",
        "batching.preferredBatchSizes.0: expected at least 1",
        "batching.maxQueueDelayMs: expected milliseconds, at least 0",
        "batching.maxQueueSize: expected a whole number of requests",
        "batching.timeoutAction: expected one of reject, delay",
        "batching.levels: unknown field",
      ]),
    });
  });

  test.each([
    ["engines that take all memory", "instances: 65", "instances: expected at most 64"],
    [
      "more items than a message has rows",
      "limits: { maxBatchSize: 65537 }",
      "limits.maxBatchSize: expected at most 65536",
    ],
    [
      "a promise of more than a day",
      "slo: { latencyMs: 1e300 }",
      "slo.latencyMs: expected milliseconds, at most",
    ],
    [
      "a run of more than a day",
      "synthetic: { alphaMs: 1e10 }",
      "synthetic.alphaMs: expected milliseconds, at most",
    ],
    [
      "a wait of more than a day",
      "batching: { maxQueueDelayMs: 86400001 }",
      "batching.maxQueueDelayMs: expected milliseconds, at most 86400000",
    ],
  ])("refuses %s", async (_, line, problem) => {
    await using folder = await aRepository({ m: `name: m\nengine: synthetic\n${line}\n` }, []);
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error.message).toContain(problem);
  });

  test("refuses a file that is not UTF-8 instead of taking its letters for others", async () => {
    await using folder = await aRepository({ m: "name: m\nengine: synthetic\n" }, []);
    const path = join(folder.path, "m", "model.yaml");
    await writeFile(path, Buffer.from("name: m\nengine: synthetic\ndescription: f\u00fcr\n", "latin1"));
    const { failures } = await readModelRepository(folder.path);
    expect(failures).toMatchObject([
      { model: "m", error: { code: "invalidArgument", message: `${path} is not UTF-8` } },
    ]);
  });

  test("refuses a preferred batch size that no batch can have", async () => {
    const text =
      "name: m\nengine: synthetic\nlimits: { maxBatchSize: 8 }\nbatching: { preferredBatchSizes: [4, 16] }\n";
    await using folder = await aRepository({ m: text }, []);
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error.message).toContain(
      "batching.preferredBatchSizes: 16 is above limits.maxBatchSize, expected at most 8",
    );
  });

  test("refuses a bound of tokens in a run for a model that generates, which has one of its own", async () => {
    const text = `name: m
engine: onnxruntime
limits: { maxBatchTokens: 4096 }
forms:
  text:
    inputs: { text: { datatype: BYTES, shape: [1] } }
    generate: { kind: characters, input: text, output: text, alphabet: alphabet.json, maxContext: 256 }
`;
    await using folder = await aRepository({ m: text });
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error).toMatchObject({
      code: "invalidArgument",
      details: {
        problems: [
          "limits.maxBatchTokens: expected none for a model that generates, whose bound is generate.maxBatchTokens",
        ],
      },
    });
  });

  test("refuses a name that differs from the folder's", async () => {
    await using folder = await aRepository({ m: "name: other\nengine: onnxruntime\n" });
    const { failures } = await readModelRepository(folder.path);
    expect(failures[0]?.error.message).toContain('name: expected "m"');
  });

  test.each([
    ["an alias without its anchor", "name: m\npool: *gpu\n", "gpu"],
    [
      "far too many aliases",
      `a: &a [m]\nb: &b [${"*a, ".repeat(20)}]\nc: &c [${"*b, ".repeat(20)}]\nd: [*c, *c]\n`,
      "alias count",
    ],
  ])("says of a file with %s what is wrong", async (_, text, problem) => {
    await using folder = await aRepository({ m: text });
    const { failures } = await readModelRepository(folder.path);
    expect(failures).toMatchObject([{ model: "m", error: { code: "invalidArgument" } }]);
    expect(failures[0]?.error.message).toContain("m/model.yaml is wrong: ");
    expect(failures[0]?.error.message).toContain(problem);
  });

  test("reads the other models when one is wrong", async () => {
    await using folder = await aRepository({
      bad: "name: [",
      good: "name: good\nengine: onnxruntime\n",
    });
    const { models, failures } = await readModelRepository(folder.path);
    expect(models.map(({ name }) => name)).toEqual(["good"]);
    expect(failures.map(({ model }) => model)).toEqual(["bad"]);
  });

  test("refuses a folder that does not exist", async () => {
    const reading = readModelRepository(join(tmpdir(), "sluice-no-such-folder"));
    await expect(reading).rejects.toMatchObject({ code: "notFound" });
    await expect(reading).rejects.toBeInstanceOf(InferenceError);
  });

  test("reads every model that comes with the project", async () => {
    const path = join(import.meta.dirname, "../../../../deploy/models");
    const { models, failures } = await readModelRepository(path);
    expect(failures).toEqual([]);
    expect(models.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "char-lm",
        "language-id",
        "overhead-probe",
        "sentence-embedding",
        "text-recognition",
      ]),
    );
  });
});
