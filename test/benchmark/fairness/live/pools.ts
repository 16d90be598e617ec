import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { loadFigures, measureBacklogs } from "./backlogs.ts";
import { poolsOfDispatchers } from "../../stage/pools-of-dispatchers.ts";
import { keepWaiting, type Caller } from "../../stage/load.ts";
import type { StagedPool } from "../../stage/models.ts";
import { startStage, type Stage } from "../../stage/stage.ts";

const dispatchers = ["d1", "d2", "d3", "d4"];
const pools = poolsOfDispatchers(dispatchers);
const slotsOfPool = 4;
const timeoutMs = 60_000;
const openOfPool = 32;

/** What a tenant gets of a pool does not depend on the connections its requests come through. */
export const manyPools: BenchmarkScenario = {
  name: "live/pools",
  async run({ full, onProgress }) {
    onProgress("starting 4 dispatchers and the workers of 4 pools");
    await using stage = await startStage({
      pools: Object.fromEntries(pools.map((pool) => [pool, describePool(pool)])),
      dispatchers,
      tenants: ["a", "b"],
    });
    const owners = new Set<string>();
    for (const name of pools) owners.add((await stage.poolEvents.next(({ pool }) => pool === name)).owner);
    const workerMs = full ? 350_000 : 35_000;
    onProgress(
      `tenant a comes through one connection, b through four, for ${workerMs / 1000} worker-seconds of each pool`,
    );
    const callers = [...(await connections(stage, "a", 1)), ...(await connections(stage, "b", 4))];
    const outcome = await measureBacklogs(stage, {
      loads: callers.map(({ caller, openCount }) => keepWaiting(caller, openCount)),
      tenant: "a",
      parts: pools.map(
        (pool) =>
          ({ model }) =>
            model === modelOf(pool),
      ),
      workerMs,
      slotCount: slotsOfPool,
    });
    const { shares } = outcome;
    return {
      name: "live/pools",
      figures: {
        "dispatchers that own a pool": owners.size,
        ...Object.fromEntries(shares.map((share, index) => [`share of a in pool ${index + 1}`, share])),
        ...loadFigures(outcome),
      },
      bar: `0.50 within 0.01 in each of 4 pools on 4 dispatchers after ${workerMs / 1000} worker-seconds of each`,
      isMet: owners.size === 4 && shares.every((share) => Math.abs(share - 0.5) <= 0.01),
    };
  },
};

/** Opens connections of a tenant that together keep every pool busy, each connection every pool. */
async function connections(
  stage: Stage,
  tenant: string,
  count: number,
): Promise<{ readonly caller: Caller; readonly openCount: number }[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => stage.connect(tenant)));
  return clients.flatMap((client) =>
    pools.map((pool) => ({
      caller: { client, tags: stage.tags, model: modelOf(pool), timeoutMs },
      openCount: openOfPool / count,
    })),
  );
}

function describePool(pool: string): StagedPool {
  const engine = { runMs: 80, requestMs: 20, maxBatchItems: 4 };
  return { models: { [modelOf(pool)]: engine }, workerCount: 1, slotsOfWorker: slotsOfPool };
}

function modelOf(pool: string): string {
  return `${pool}-m`;
}
