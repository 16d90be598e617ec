import { stat } from "node:fs/promises";
import { join } from "node:path";
import { median } from "@sluice/load-generator";
import type { BenchmarkScenario, ScenarioRunOptions } from "../scenario/scenario.ts";
import type { ScenarioResult } from "../../simulation/index.ts";
import { coldModels, type ColdModel } from "./models.ts";
import { startWorkerlessStage } from "./stage.ts";
import { startOnce, type ColdStart } from "./start-worker.ts";

/** As shipped, and not at all. */
const calibrationMs = { asShipped: 1_000, none: 0 };
const mostSeconds = 10;

/** In the order of a report. */
export const coldStartScenarios: readonly BenchmarkScenario[] = coldModels.map((model) => ({
  name: `live/${model.name}`,
  run: (options) => measureColdStart(model, options),
}));

/**
 * Starts a worker for one model again and again, as it is shipped and, in turn, without measuring the model before it serves.
 * The first start of each is thrown away: from then on the files lie in memory, as those of a worker that is started anew.
 */
async function measureColdStart(
  model: ColdModel,
  { full, onProgress }: ScenarioRunOptions,
): Promise<ScenarioResult> {
  onProgress("starting everything but the worker");
  await using stage = await startWorkerlessStage();
  const folder = join(stage.repository, model.name);
  await model.writeTo(folder);
  const shipped: ColdStart[] = [];
  const uncalibrated: ColdStart[] = [];
  for (let round = 0; round <= (full ? 15 : 5); round++) {
    onProgress(`start ${round}`);
    const start = { ...stage, model: model.name, inputs: model.inputs };
    const both = {
      shipped: await startOnce({ ...start, calibrationMs: calibrationMs.asShipped }),
      uncalibrated: await startOnce({ ...start, calibrationMs: calibrationMs.none }),
    };
    if (round === 0) continue;
    shipped.push(both.shipped);
    uncalibrated.push(both.uncalibrated);
  }
  const { size } = await stat(join(folder, "1", "model.onnx"));
  const medianMs = (starts: readonly ColdStart[], part: keyof ColdStart): number =>
    median(starts.map((start) => start[part]));
  const seconds = medianMs(shipped, "totalMs") / 1000;
  return {
    name: `live/${model.name}`,
    figures: {
      "model file in MiB": size / 2 ** 20,
      "seconds from the command to the first answer": seconds,
      "slowest of them": Math.max(...shipped.map(({ totalMs }) => totalMs)) / 1000,
      "ms until the process runs": medianMs(shipped, "processMs"),
      "ms until it is connected": medianMs(shipped, "connectMs"),
      "ms until the model is loaded": medianMs(shipped, "loadMs"),
      "ms until the model is measured": medianMs(shipped, "calibrateMs"),
      "ms until it is announced": medianMs(shipped, "announceMs"),
      "ms until the first answer": medianMs(shipped, "answerMs"),
      "control: seconds in all, model not measured first": medianMs(uncalibrated, "totalMs") / 1000,
      "control: ms until the first answer then": medianMs(uncalibrated, "answerMs"),
    },
    bar: `answered after every start, half of them within ${mostSeconds} s`,
    isMet: seconds <= mostSeconds,
  };
}
