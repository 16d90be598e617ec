import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import type { TensorSpec } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { ModelDescription } from "./model-description.ts";
import type { ModelFile, TensorDescription } from "./model-file.ts";
import { modelFileName } from "./model-file.ts";
import { pickVersion } from "./model-version.ts";
import { parseModelFile } from "./parse-model-file.ts";
import { utf8Text } from "./utf8-text.ts";

/** What a model repository holds. */
export interface ModelRepository {
  readonly models: readonly ModelDescription[];
  /** Models that cannot be read, with the reason. */
  readonly failures: readonly ModelFailure[];
}

export interface ModelFailure {
  readonly model: string;
  readonly error: InferenceError;
}

/** The version of a model without version folders. */
const onlyVersion = "1";

/**
 * Reads a model repository: `<root>/<model>/model.yaml` and `<root>/<model>/<version>/`. Opens no model file.
 * A folder without `model.yaml` is no model. A model that cannot be read does not keep the others from being read.
 * @throws {InferenceError} `notFound` when the folder itself cannot be read.
 */
export async function readModelRepository(root: string): Promise<ModelRepository> {
  const models: ModelDescription[] = [];
  const failures: ModelFailure[] = [];
  for (const name of await modelFolders(root)) {
    try {
      const model = await readModel(root, name);
      if (model !== undefined) models.push(model);
    } catch (error) {
      failures.push({ model: name, error: InferenceError.from(error) });
    }
  }
  return { models, failures };
}

async function modelFolders(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile() && !entry.name.startsWith("."))
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    throw new InferenceError("notFound", `the model repository ${root} cannot be read`, { cause: error });
  }
}

async function readModel(root: string, name: string): Promise<ModelDescription | undefined> {
  const folder = join(root, name);
  const text = await readOptionalFile(join(folder, modelFileName));
  return text === undefined ? undefined : describeModel(parseModelFile(text, name), folder);
}

async function readOptionalFile(path: string): Promise<string | undefined> {
  try {
    return utf8Text(await readFile(path), path);
  } catch (error) {
    if (error instanceof InferenceError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new InferenceError("notFound", `${path} cannot be read`, { cause: error });
  }
}

async function describeModel(file: ModelFile, folder: string): Promise<ModelDescription> {
  checkPreferredSizes(file);
  const described = {
    name: file.name,
    description: file.description,
    pool: file.pool,
    instances: file.instances,
    maxBatchSize: file.limits.maxBatchSize,
    maxRequestItems: file.limits.maxRequestItems,
    maxBatchTokens: file.limits.maxBatchTokens,
    batching: file.batching,
    sloMs: file.slo?.latencyMs,
  };
  if (file.engine === "synthetic") {
    const engine = { kind: file.engine, options: file.synthetic };
    return { ...described, engine, version: onlyVersion, folder, forms: [] };
  }
  const version = await pickVersion(folder, file.versionPolicy);
  const forms = Object.entries(file.forms).map(([name, { inputs, ...steps }]) => ({
    name,
    inputs: tensorSpecs(inputs ?? {}),
    steps,
  }));
  const engine = { kind: file.engine, provider: file.provider, hasBatchAxis: file.hasBatchAxis };
  return { ...described, engine, version, folder: join(folder, version), forms };
}

/** A batch size that no batch can have would never be formed. */
function checkPreferredSizes({ name, limits, batching }: ModelFile): void {
  const largest = batching?.preferredBatchSizes.at(-1) ?? 0;
  if (largest <= limits.maxBatchSize) return;
  throw new InferenceError(
    "invalidArgument",
    `${name}/${modelFileName} is wrong: batching.preferredBatchSizes: ${largest} is above limits.maxBatchSize, ` +
      `expected at most ${limits.maxBatchSize}`,
  );
}

/** Tensors as `model.yaml` declares them, by name, as a list. */
export function tensorSpecs(tensors: Readonly<Record<string, TensorDescription>>): TensorSpec[] {
  return Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor }));
}
