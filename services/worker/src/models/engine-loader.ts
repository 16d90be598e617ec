import { join, resolve } from "node:path";

import type { Engine, Provider } from "@sluice/engine";
import { createSyntheticEngine, loadOnnxEngine } from "@sluice/engine";
import { type Clock, crashProcess, type Random } from "@sluice/runtime";

import type { ModelDescription } from "../repository/model-description.ts";
import type { SyntheticDescription } from "../repository/model-file.ts";
import { onnxFileName } from "../repository/model-file.ts";
import { tensorSpecs } from "../repository/model-repository.ts";
import { createRunLog } from "./run-log.ts";

/** Loads one instance of a model. */
export type LoadEngine = (model: ModelDescription) => Promise<Engine>;

export interface EngineLoaderOptions {
  /** Named in the run logs of synthetic engines. */
  readonly workerId: string;
  /** What computes models that name no provider. */
  readonly provider: Provider;
  readonly intraOpThreads: number;
  readonly clock: Clock;
  /** Noise of synthetic engines. */
  readonly random: Random;
}

/** Creates the loader that takes each model's engine from its description. */
export function createEngineLoader(options: EngineLoaderOptions): LoadEngine {
  const { workerId: worker, provider, intraOpThreads, clock, random } = options;
  return async (model) => {
    const { name, engine } = model;
    if (engine.kind === "synthetic") {
      const { runLog } = engine.options;
      const logged =
        runLog === undefined
          ? {}
          : { onRun: createRunLog({ path: resolve(model.folder, runLog), worker, model: name, clock }) };
      const faulty = { onCrash: crashProcess, ...syntheticOptions(engine.options) };
      return createSyntheticEngine({ name, clock, random, ...faulty, ...logged });
    }
    return loadOnnxEngine({
      modelPath: join(model.folder, onnxFileName),
      clock,
      provider: engine.provider ?? provider,
      intraOpThreads,
      ...(engine.hasBatchAxis === undefined ? {} : { hasBatchAxis: engine.hasBatchAxis }),
    });
  };
}

/** Leaves out what the description does not say, so that the engine's defaults hold. */
function syntheticOptions({ alphaMs, betaMs, perTokenMs, noiseRatio, inputs, faults }: SyntheticDescription) {
  return {
    ...(alphaMs === undefined ? {} : { alphaMs }),
    ...(betaMs === undefined ? {} : { betaMs }),
    ...(perTokenMs === undefined ? {} : { perTokenMs }),
    ...(noiseRatio === undefined ? {} : { noiseRatio }),
    ...(inputs === undefined ? {} : { inputs: tensorSpecs(inputs) }),
    ...(faults === undefined ? {} : { faults: definedFaults(faults) }),
  };
}

function definedFaults({ fail, crash, hang }: NonNullable<SyntheticDescription["faults"]>) {
  return {
    ...(fail === undefined ? {} : { fail }),
    ...(crash === undefined ? {} : { crash }),
    ...(hang === undefined ? {} : { hang }),
  };
}
