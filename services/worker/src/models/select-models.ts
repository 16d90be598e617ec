import { InferenceError } from "@sluice/protocol";

import type { ModelDescription } from "../repository/model-description.ts";
import type { ModelFailure, ModelRepository } from "../repository/model-repository.ts";

/** What a worker serves: models of one pool. */
export interface ModelSelection {
  readonly pool: string;
  readonly models: readonly ModelDescription[];
  /** Wanted models that cannot be read. */
  readonly failures: readonly ModelFailure[];
}

export interface SelectionOptions {
  /** The worker's pool; `undefined` = the one that all its models name. */
  readonly pool: string | undefined;
  /** Wanted models; `undefined` = all of the pool. */
  readonly models: readonly string[] | undefined;
}

/**
 * Picks a worker's models.
 * @throws {InferenceError} `notFound` for a name the repository does not have, and when nothing is left to serve;
 * `invalidArgument` when the models belong to several pools.
 */
export function selectModels(repository: ModelRepository, options: SelectionOptions): ModelSelection {
  const { pool, models: names } = options;
  const failures = repository.failures.filter(({ model }) => names?.includes(model) ?? true);
  const known = [
    ...repository.models.map(({ name }) => name),
    ...repository.failures.map(({ model }) => model),
  ];
  const unknown = names?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) {
    throw new InferenceError(
      "notFound",
      `the model repository has no ${unknown.join(", ")}, expected some of ${known.join(", ")}`,
    );
  }
  const wanted = repository.models.filter(({ name }) => names?.includes(name) ?? true);
  const pools = [...new Set(wanted.map((model) => model.pool))];
  if (pool === undefined && pools.length > 1) {
    throw new InferenceError(
      "invalidArgument",
      `the models belong to the pools ${pools.join(", ")}, but a worker belongs to one: name the pool or the models`,
    );
  }
  const picked = pool ?? pools[0];
  const models = wanted.filter((model) => model.pool === picked);
  if (picked === undefined || models.length === 0) {
    const reasons = failures.map(({ error }) => error.message);
    if (known.length === 0) reasons.push("no folder of the model repository has a model.yaml");
    if (pools.length > 0) reasons.push(`pool "${pool}" has none: they belong to ${pools.join(", ")}`);
    throw new InferenceError("notFound", ["there is no model to serve", ...reasons].join("; "));
  }
  return { pool: picked, models, failures };
}
