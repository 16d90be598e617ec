import { readProcessUsage } from "@sluice/load-generator";
import { capacityPerSecond, oneByOne } from "../../../simulation/engine.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { measureGoodput } from "../../stage/goodput.ts";
import { startStage } from "../../stage/stage.ts";

const modelCounts = [1, 10, 100, 1_000];
const workerCount = 4;
/** One request a run: of many models there is seldom more than one request to run together, and batches are not the question. */
const engine = oneByOne(10);
const load = 0.8;
const ratePerSecond = load * workerCount * capacityPerSecond(engine);
const timeoutMs = 200;
const warmUpMs = 4_000;
const bytesInMebibyte = 2 ** 20;

/** A pool serves many models as it serves one: calls of all of them at random moments, of each as often as of the others. */
export const manyModels: BenchmarkScenario = {
  name: "live/models",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    let isMet = true;
    for (const count of modelCounts) {
      onProgress(`starting ${workerCount} workers that serve ${count} models each`);
      const models = Array.from({ length: count }, (_, index) => `m${index + 1}`);
      const startMs = performance.now();
      await using stage = await startStage({
        pools: {
          models: {
            models: Object.fromEntries(models.map((model) => [model, engine])),
            workerCount,
            slotsOfWorker: 1,
          },
        },
        dispatchers: ["d1"],
        tenants: ["a"],
        logsRuns: false,
      });
      const startSeconds = (performance.now() - startMs) / 1000;
      const ownerPid = stage.dispatchers.get("d1")?.pid ?? NaN;
      onProgress(`${ratePerSecond} calls a second of ${count} models`);
      const goodput = await measureGoodput(stage, {
        streams: models.map((model) => ({ tenant: "a", model, ratePerSecond: ratePerSecond / count })),
        timeoutMs,
        warmUpMs,
        measuredMs: full ? 20_000 : 8_000,
        seed: 1,
      });
      const inTimeRatio = goodput.inTimeCount / goodput.sentCount;
      const of = `${count} ${count === 1 ? "model" : "models"}`;
      figures[`part answered in time, ${of}`] = inTimeRatio;
      figures[`p99 in ms, ${of}`] = goodput.p99Ms;
      figures[`processors used, ${of}`] = goodput.cpu.ownCores;
      figures[`memory of the owner in MiB, ${of}`] =
        readProcessUsage(ownerPid).residentBytes / bytesInMebibyte;
      figures[`seconds from the first process to all announced, ${of}`] = startSeconds;
      isMet &&= inTimeRatio >= 0.95;
    }
    return {
      name: "live/models",
      figures,
      bar: `0.95 answered within ${timeoutMs} ms at ${load} of what ${workerCount} workers can do, with 1 to 1,000 models`,
      isMet,
    };
  },
};
