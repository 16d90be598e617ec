import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { loadFigures, measureBacklogs } from "./backlogs.ts";
import { keepWaiting } from "../../stage/load.ts";
import { startStage } from "../../stage/stage.ts";

const pool = {
  models: { m: { runMs: 80, requestMs: 20, maxBatchItems: 4 } },
  workerCount: 1,
  slotsOfWorker: 8,
};
/** Enough to fill all batches of a pool twice from one tenant. */
const openCount = 64;
const timeoutMs = 60_000;

/** Two tenants that always wait share by their weights, 3 to 1. */
export const weights: BenchmarkScenario = {
  name: "live/weights",
  async run({ full, onProgress }) {
    onProgress("starting processes");
    await using stage = await startStage({
      pools: { weights: pool },
      dispatchers: ["d1"],
      tenants: ["a", "b"],
      weights: { a: 3, b: 1 },
    });
    const workerMs = full ? 350_000 : 35_000;
    onProgress(`two tenants wait for ${workerMs / 1000} worker-seconds`);
    const loads = [];
    for (const tenant of ["a", "b"]) {
      const client = await stage.client(tenant);
      loads.push({ client, tags: stage.tags, model: "m", timeoutMs });
    }
    const outcome = await measureBacklogs(stage, {
      loads: loads.map((caller) => keepWaiting(caller, openCount)),
      tenant: "a",
      workerMs,
      slotCount: pool.workerCount * pool.slotsOfWorker,
    });
    const [share = NaN] = outcome.shares;
    return {
      name: "live/weights",
      figures: { "share of the tenant of weight 3": share, ...loadFigures(outcome) },
      bar: `0.75 within 0.01 after ${workerMs / 1000} worker-seconds`,
      isMet: Math.abs(share - 0.75) <= 0.01,
    };
  },
};
