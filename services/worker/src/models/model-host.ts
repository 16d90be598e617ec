import type { Engine } from "@sluice/engine";
import type { ModelSignature } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import { createCalibrationBudget } from "../latency/calibration-budget.ts";
import type { ModelDescription } from "../repository/model-description.ts";
import type { LoadModelOptions } from "./load-model.ts";
import { loadModel } from "./load-model.ts";
import type { ServedModel } from "./served-model.ts";

/** The models that a worker has loaded. Disposal closes every engine; each waits for its run. */
export interface ModelHost extends AsyncDisposable {
  /** In the order of loading. */
  readonly models: readonly ServedModel[];
  get(name: string): ServedModel | undefined;
  /** What callers may ask of them. */
  signatures(): readonly ModelSignature[];
  /** Loads an engine in place of one that died, again and again until it is there or the host closes. */
  replace(model: string, onEngine: (engine: Engine) => void): void;
}

/** Wait before a dead engine is loaded once more after a load that failed, in milliseconds. */
const replaceDelayMs = 5_000;

export interface LoadModelsOptions extends Omit<LoadModelOptions, "budget"> {
  /** How long each may be measured at most, in milliseconds; 0 = models are not measured. */
  readonly calibrationMs: number;
}

/**
 * Loads models, one after the other. One that cannot be loaded is told to `onEvent` and left out.
 * `signal` ends the loading before the next model.
 * @throws {InferenceError} `unavailable` when none could be loaded.
 */
export async function loadModels(
  descriptions: readonly ModelDescription[],
  options: LoadModelsOptions,
): Promise<ModelHost> {
  const { loadEngine, clock, calibrationMs, signal, onEvent } = options;
  const budget = createCalibrationBudget({ modelMs: calibrationMs, modelCount: descriptions.length });
  const models = new Map<string, ServedModel>();
  for (const description of descriptions) {
    if (signal.aborted) break;
    const { name, version } = description;
    try {
      const model = await loadModel(description, { ...options, budget });
      models.set(name, model);
      const loadMs = model.engines.reduce((total, engine) => total + engine.loadMs, 0);
      onEvent({ type: "modelLoaded", model: name, version, engineCount: model.engines.length, loadMs });
    } catch (thrown) {
      onEvent({ type: "modelFailed", model: name, error: InferenceError.from(thrown) });
    }
  }
  if (models.size === 0 && !signal.aborted) {
    throw new InferenceError("unavailable", "no model could be loaded");
  }

  const engines = [...models.values()].flatMap((model) => model.engines);
  const replacements = new Set<Promise<void>>();
  const closed = new AbortController();

  const loadReplacement = async (
    description: ModelDescription,
    onEngine: (engine: Engine) => void,
  ): Promise<void> => {
    while (!closed.signal.aborted) {
      try {
        const engine = await loadEngine(description);
        engines.push(engine);
        onEvent({ type: "engineReplaced", model: description.name, loadMs: engine.loadMs });
        if (!closed.signal.aborted) onEngine(engine);
        return;
      } catch (thrown) {
        onEvent({ type: "modelFailed", model: description.name, error: InferenceError.from(thrown) });
        await clock.sleep(replaceDelayMs, closed.signal).catch(() => undefined);
      }
    }
  };

  return {
    models: [...models.values()],
    get: (name) => models.get(name),
    signatures: () => [...models.values()].map((model) => model.signature),
    replace: (name, onEngine) => {
      const description = descriptions.find((candidate) => candidate.name === name);
      if (description === undefined || closed.signal.aborted) return;
      onEvent({ type: "engineLost", model: name });
      const replacement = loadReplacement(description, onEngine).finally(() =>
        replacements.delete(replacement),
      );
      replacements.add(replacement);
    },
    [Symbol.asyncDispose]: async () => {
      closed.abort();
      await Promise.all(replacements);
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}
