import { oneByOne } from "../../../simulation/engine.ts";
import type { ScenarioResult } from "../../../simulation/index.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { loadFigures, measureBacklogs } from "./backlogs.ts";
import { keepWaiting } from "../../stage/load.ts";
import type { StagedPool } from "../../stage/models.ts";
import { startStage } from "../../stage/stage.ts";

/** How a request of tenant b comes to cost ten times as much as one of a. */
interface Arm {
  readonly models: StagedPool["models"];
  readonly a: { readonly model: string; readonly items: number };
  readonly b: { readonly model: string; readonly items: number };
}

const arms: Readonly<Record<string, Arm>> = {
  "ten items": {
    models: { m: { runMs: 0, requestMs: 20, maxBatchItems: 10 } },
    a: { model: "m", items: 1 },
    b: { model: "m", items: 10 },
  },
  "a slower model": {
    models: { fast: oneByOne(30), slow: oneByOne(300) },
    a: { model: "fast", items: 1 },
    b: { model: "slow", items: 1 },
  },
};
const workers = { workerCount: 1, slotsOfWorker: 8 };
const slotCount = workers.workerCount * workers.slotsOfWorker;
/** Of each tenant: beyond what the slots can hold of the cheap requests. */
const openCount = 96;
const timeoutMs = 120_000;

/** Time is shared, not requests: a tenant whose requests cost ten times as much gets a tenth of them through. */
export const costs: BenchmarkScenario = {
  name: "live/costs",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    const workerMs = full ? 350_000 : 90_000;
    let largestError = 0;
    for (const [name, arm] of Object.entries(arms)) {
      onProgress(`requests of b cost ten times as much by ${name}, ${workerMs / 1000} worker-seconds`);
      const measured = await measureArm(arm, workerMs);
      largestError = Math.max(largestError, Math.abs(measured.share - 0.5));
      figures[`share of the tenant with cheap requests, ${name}`] = measured.share;
      for (const [figure, value] of Object.entries(measured.figures)) figures[`${figure}, ${name}`] = value;
    }
    return {
      name: "live/costs",
      figures,
      bar: `0.50 within 0.02 after ${workerMs / 1000} worker-seconds, requests of one costing 10 times those of the other`,
      isMet: largestError <= 0.02,
    };
  },
};

async function measureArm(
  { models, a, b }: Arm,
  workerMs: number,
): Promise<{ readonly share: number; readonly figures: ScenarioResult["figures"] }> {
  await using stage = await startStage({
    pools: { costs: { models, ...workers } },
    dispatchers: ["d1"],
    tenants: ["a", "b"],
  });
  const { tags } = stage;
  const callers = [
    { client: await stage.client("a"), tags, ...a, timeoutMs },
    { client: await stage.client("b"), tags, ...b, timeoutMs },
  ];
  const outcome = await measureBacklogs(stage, {
    loads: callers.map((caller) => keepWaiting(caller, openCount)),
    tenant: "a",
    workerMs,
    slotCount,
  });
  const [share = NaN] = outcome.shares;
  return { share, figures: loadFigures(outcome) };
}
