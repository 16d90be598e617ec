import { simulateGoodput } from "../../../simulation/index.ts";

import { cpuFigures, measureCpu } from "../../stage/cpu-meter.ts";
import { measureGoodput } from "../../stage/goodput.ts";
import { startStage } from "../../stage/stage.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { countEarlyBinds } from "./early-binds.ts";

/** Slow enough that processors decide nothing, and a load of 1.5 is no burden for the machine. */
const engine = { runMs: 10, requestMs: 2, maxBatchItems: 16 };
const workerCount = 2;
const timeoutMs = 100;
const loads = [0.3, 0.6, 0.9, 1.2, 1.5];
const warmUpMs = 2_000;
const capacityPerSecond =
  (1000 * workerCount * engine.maxBatchItems) / (engine.runMs + engine.requestMs * engine.maxBatchItems);

/** The simulator says what real processes do: answers in time for each second, from little load to far too much. */
export const simulatedGoodput: BenchmarkScenario = {
  name: "live/simulated-goodput",
  async run({ full, onProgress }) {
    onProgress("starting processes");
    await using stage = await startStage({
      pools: { batching: { models: { m: engine }, workerCount, slotsOfWorker: 1 } },
      dispatchers: ["d1"],
      tenants: ["a"],
    });
    const readCpu = measureCpu();
    const measuredMs = full ? 20_000 : 6_000;
    const figures: Record<string, number> = {};
    let isMet = true;
    for (const load of loads) {
      onProgress(`a load of ${load} for ${measuredMs / 1000} s`);
      const ratePerSecond = load * capacityPerSecond;
      const cell = { measuredMs, timeoutMs, warmUpMs, seed: 1 };
      const streams = [{ tenant: "a", model: "m", ratePerSecond }];
      const readEarly = await countEarlyBinds(stage.workers);
      const { perSecond: live } = await measureGoodput(stage, { ...cell, streams });
      const { batchCount, earlyCount } = await readEarly();
      const simulated = simulateGoodput({ ...cell, ratePerSecond, engine, workerCount });
      isMet &&= Math.abs(live / simulated - 1) <= 0.1;
      figures[`live over simulated goodput at a load of ${load}`] = live / simulated;
      figures[`live goodput over capacity at a load of ${load}`] = live / capacityPerSecond;
      figures[`part of ${batchCount} batches bound early at a load of ${load}`] = earlyCount / batchCount;
    }
    return {
      name: "live/simulated-goodput",
      figures: { ...figures, ...cpuFigures(readCpu()) },
      bar: `answers within ${timeoutMs} ms for each second within 0.1 of those simulated, at loads of 0.3 to 1.5`,
      isMet,
    };
  },
};
