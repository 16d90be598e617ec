import type { Engine } from "../../simulation/engine.ts";
import type { Repository } from "../../system/cluster.ts";

/** A pool of one scenario: what its workers run, and how many batches at a time. */
export interface StagedPool {
  readonly models: Readonly<Record<string, Engine>>;
  readonly workerCount: number;
  readonly slotsOfWorker: number;
}

/** Writes each model of the pools as a synthetic one that gives back `input`, and its runs to `runLog` if there is one. */
export function describeModels(
  pools: Readonly<Record<string, StagedPool>>,
  runLog: string | undefined,
): Repository {
  const models = Object.entries(pools).flatMap(([pool, { models, slotsOfWorker }]) =>
    Object.entries(models).map(([name, { runMs, requestMs, maxBatchItems }]) => {
      const yaml = `name: ${name}
pool: ${pool}
engine: synthetic
instances: ${slotsOfWorker}
limits: { maxBatchSize: ${maxBatchItems} }
synthetic:
  alphaMs: ${runMs}
  betaMs: ${requestMs}
  inputs: { input: { datatype: FP64, shape: [-1, -1] } }
${runLog === undefined ? "" : `  runLog: ${runLog}\n`}`;
      return [name, yaml];
    }),
  );
  return Object.fromEntries(models);
}
