import { providers } from "@sluice/engine";
import { datatypes, isToken, maxPackRows } from "@sluice/protocol";
import { z } from "zod";
import { batchingFile } from "./batching-file.ts";
import { count, milliseconds } from "./number-fields.ts";

/** Name of the file that describes a model, in the model's folder. */
export const modelFileName = "model.yaml";

/** File of a version folder that holds the model itself. */
export const onnxFileName = "model.onnx";

/** Most engines of a model: as many as batches run at the same time (`SLUICE_SLOTS`). Each keeps the whole model in memory. */
const maxInstances = 64;

const text = z.string("expected a text").min(1, "expected a text");

/** A name that can be part of a subject. */
const token = z.string("expected a name").refine(isToken, "expected 1 to 64 of A-Z a-z 0-9 _ -");

/** A file of the version folder. */
const file = z
  .string("expected the path of a file in the version folder")
  .refine(staysInside, "expected a path relative to the version folder that does not leave it");

const tensor = z.strictObject({
  datatype: z.enum(datatypes, `expected one of ${datatypes.join(", ")}`),
  shape: z.array(z.int().min(-1), "expected a list of sizes, -1 for any"),
});

const ngramFrequencies = z.strictObject({ input: text, output: text, vocabulary: file });

const tokenize = z.strictObject({
  input: text,
  output: text,
  tokenizer: file,
  padId: z.int("expected a token id").min(0, "expected a token id"),
  maxTokens: count(),
});

/** Exactly one step. */
const preprocess = z.union(
  [z.strictObject({ ngramFrequencies }), z.strictObject({ tokenize })],
  "expected one of ngramFrequencies { input, output, vocabulary }, tokenize { input, output, tokenizer, padId, maxTokens }",
);

const topLabels = z.strictObject({
  input: text,
  /** A JSON list of texts; `file.json#member` names a member of a JSON object that is one. */
  labels: file,
  count: count().default(1),
  outputs: z.strictObject({ label: text, score: text }),
});

const ctc = z.strictObject({
  input: text,
  /** A JSON list of the symbols of the classes from class 1 on; class 0 is the blank. */
  alphabet: file,
  outputs: z.strictObject({ text, score: text }),
});

/** Exactly one step. */
const postprocess = z.union(
  [z.strictObject({ topLabels }), z.strictObject({ ctc })],
  "expected one of topLabels { input, labels, count, outputs }, ctc { input, alphabet, outputs }",
);

/** Iterative decoding, one character a step. */
const generate = z.strictObject({
  kind: z.literal("characters", "expected characters"),
  input: text,
  output: text,
  /** The characters a model knows, in the order of their token ids. */
  alphabet: text,
  /** Most characters the model attends to, prompt included. */
  maxContext: count(),
  /** Characters a request gets when it does not say `max_tokens`. */
  maxTokens: count().default(64),
  /** Most tokens of all sequences of an instance, padded to the longest; by default what `maxPastBytes` has room for. */
  maxBatchTokens: count().optional(),
  /** Most bytes of keys and values that an instance keeps between decode steps; while a step runs it needs twice as much. */
  maxPastBytes: count().default(256 * 1024 * 1024),
});

const form = z
  .strictObject({
    /** What callers send; the model's own tensors where nothing is done with them. */
    inputs: z.record(text, tensor).optional(),
    preprocess: preprocess.optional(),
    postprocess: postprocess.optional(),
    generate: generate.optional(),
  })
  .refine(
    ({ inputs, preprocess, postprocess, generate }) =>
      inputs === undefined
        ? postprocess !== undefined && preprocess === undefined && generate === undefined
        : (preprocess === undefined) !== (generate === undefined),
    "expected inputs and either preprocess or generate, or only postprocess",
  );

const element = z.number("expected the value of an element");

/** Options of the synthetic engine; what is left out has the engine's default. */
const synthetic = z.strictObject({
  alphaMs: milliseconds.optional(),
  betaMs: milliseconds.optional(),
  perTokenMs: milliseconds.optional(),
  noiseRatio: z
    .number("expected a ratio")
    .min(0, "expected at least 0")
    .max(1, "expected at most 1")
    .optional(),
  inputs: z.record(text, tensor).optional(),
  faults: z
    .strictObject({ fail: element.optional(), crash: element.optional(), hang: element.optional() })
    .optional(),
  /** File that each run is appended to as a line of JSON; a relative path starts at the model's folder. */
  runLog: text.optional(),
});

const described = {
  name: token,
  description: z.string("expected a text").default(""),
  pool: token.default("default"),
  instances: count({ most: maxInstances }).default(1),
  limits: z
    .strictObject({
      maxBatchSize: count({ most: maxPackRows }).default(64),
      maxRequestItems: count().default(1024),
      /** Most elements in one run, each row padded to the longest. */
      maxBatchTokens: count().optional(),
    })
    .prefault({}),
  batching: batchingFile.optional(),
  /** What the model promises; the timeout of calls that give none. */
  slo: z.strictObject({ latencyMs: milliseconds.gt(0, "expected milliseconds above 0") }).optional(),
};

const onnxModel = z
  .strictObject({
    ...described,
    engine: z.literal("onnxruntime"),
    /** What computes it; the worker's own setting by default. */
    provider: z.enum(providers, `expected one of ${providers.join(", ")}`).optional(),
    /** `latest`, or the number of a version folder. */
    versionPolicy: z
      .union([z.literal("latest"), count()], 'expected "latest" or a version')
      .default("latest"),
    /** For model files that do not say whether rows can be joined along the first axis. */
    hasBatchAxis: z.boolean("expected true or false").optional(),
    forms: z.record(token, form).default({}),
  })
  .refine(
    ({ limits, forms }) =>
      limits.maxBatchTokens === undefined ||
      Object.values(forms).every(({ generate }) => generate === undefined),
    {
      path: ["limits", "maxBatchTokens"],
      error: "expected none for a model that generates, whose bound is generate.maxBatchTokens",
    },
  );

const syntheticModel = z.strictObject({
  ...described,
  engine: z.literal("synthetic"),
  synthetic: synthetic.prefault({}),
});

/** What `model.yaml` may say: only what cannot be read from the model file itself. */
export const modelFile = z.discriminatedUnion("engine", [onnxModel, syntheticModel], {
  error: "expected engine: onnxruntime or engine: synthetic",
});

export type ModelFile = z.output<typeof modelFile>;
export type FormDescription = Omit<z.output<typeof form>, "inputs">;
export type TensorDescription = z.output<typeof tensor>;
export type SyntheticDescription = z.output<typeof synthetic>;
export type GenerateDescription = z.output<typeof generate>;

/** How a model is run. */
export type EngineDescription =
  | {
      readonly kind: "onnxruntime";
      readonly provider: z.output<typeof onnxModel>["provider"];
      readonly hasBatchAxis: boolean | undefined;
    }
  | { readonly kind: "synthetic"; readonly options: SyntheticDescription };

function staysInside(path: string): boolean {
  return path !== "" && !path.startsWith("/") && !path.split(/[\\/]/u).includes("..");
}
