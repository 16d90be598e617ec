import { oneByOne } from "../../../simulation/engine.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { loadFigures, measureBacklogs } from "./backlogs.ts";
import { keepWaiting } from "../../stage/load.ts";
import { startStage } from "../../stage/stage.ts";

const engine = oneByOne(100);
const pool = { models: { m1: engine, m2: engine, m3: engine }, workerCount: 1, slotsOfWorker: 8 };
const openCount = 32;
const timeoutMs = 60_000;

/** A tenant gets no more of a pool by using more of its models. */
export const models: BenchmarkScenario = {
  name: "live/models",
  async run({ full, onProgress }) {
    onProgress("starting processes");
    await using stage = await startStage({
      pools: { models: pool },
      dispatchers: ["d1"],
      tenants: ["a", "b"],
    });
    const workerMs = full ? 350_000 : 35_000;
    onProgress(`tenant a uses one model, b two, for ${workerMs / 1000} worker-seconds`);
    const a = await stage.client("a");
    const b = await stage.client("b");
    const { tags } = stage;
    const callers = [
      { client: a, tags, model: "m1", timeoutMs },
      { client: b, tags, model: "m2", timeoutMs },
      { client: b, tags, model: "m3", timeoutMs },
    ];
    const outcome = await measureBacklogs(stage, {
      loads: callers.map((caller) => keepWaiting(caller, openCount)),
      tenant: "a",
      workerMs,
      slotCount: pool.workerCount * pool.slotsOfWorker,
    });
    const [share = NaN] = outcome.shares;
    return {
      name: "live/models",
      figures: { "share of the tenant with one model": share, ...loadFigures(outcome) },
      bar: `0.50 within 0.01 after ${workerMs / 1000} worker-seconds`,
      isMet: Math.abs(share - 0.5) <= 0.01,
    };
  },
};
