import { median } from "@sluice/load-generator";
import { capacityPerSecond } from "../../../simulation/engine.ts";

import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { measureGoodput, type Goodput } from "../../stage/goodput.ts";
import { poolsOfDispatchers } from "../../stage/pools-of-dispatchers.ts";
import { startStage } from "../../stage/stage.ts";

const dispatchers = ["d1", "d2", "d3", "d4"];
const pools = poolsOfDispatchers(dispatchers);
/** How many of the pools are loaded at the same time. */
const poolCounts = [1, 2, 4];
const workerCount = 4;
/** Half as fast as that of `live/workers`: 16 workers make as many messages as 8 there. */
const engine = { runMs: 10, requestMs: 2, maxBatchItems: 16 };
const load = 0.9;
const ratePerSecond = load * workerCount * capacityPerSecond(engine);
const timeoutMs = 200;
const warmUpMs = 2_000;

/** Pools with an owner each do not slow each other down. */
export const manyPools: BenchmarkScenario = {
  name: "live/pools",
  async run({ full, onProgress }) {
    onProgress(`starting ${dispatchers.length} dispatchers and ${workerCount} workers of each pool`);
    await using stage = await startStage({
      pools: Object.fromEntries(
        pools.map((pool) => [pool, { models: { [modelOf(pool)]: engine }, workerCount, slotsOfWorker: 1 }]),
      ),
      dispatchers,
      tenants: ["a"],
      logsRuns: false,
    });
    const rows = poolCounts.map((count) => ({ count, rounds: [] as Goodput[] }));
    for (let round = 1; round <= (full ? 5 : 3); round++) {
      for (const { count, rounds } of rows) {
        onProgress(`round ${round}: ${count} pools`);
        const goodput = await measureGoodput(stage, {
          streams: pools
            .slice(0, count)
            .map((pool) => ({ tenant: "a", model: modelOf(pool), ratePerSecond })),
          timeoutMs,
          warmUpMs,
          measuredMs: full ? 10_000 : 4_000,
          seed: round,
        });
        rounds.push(goodput);
      }
    }
    const inTimeRatios = rows.map(({ rounds }) =>
      median(rounds.map(({ inTimeCount, sentCount }) => inTimeCount / sentCount)),
    );
    const efficiencies = inTimeRatios.map((ratio) => ratio / (inTimeRatios[0] ?? NaN));
    return {
      name: "live/pools",
      figures: Object.fromEntries(
        rows.flatMap(({ count, rounds }, index) => [
          [`goodput of each of ${count} pools over that of one`, efficiencies[index] ?? NaN],
          [`answers in time for each second, ${count} pools`, median(rounds.map((row) => row.perSecond))],
          [`p99 in ms, ${count} pools`, median(rounds.map((row) => row.p99Ms))],
          [`processors used, ${count} pools`, median(rounds.map(({ cpu }) => cpu.ownCores))],
        ]),
      ),
      bar: `goodput of each of 4 pools at least 0.95 of that of one, 4 workers each, at ${load} of what the engines can do, answers within ${timeoutMs} ms`,
      isMet: efficiencies.every((efficiency) => efficiency >= 0.95),
    };
  },
};

function modelOf(pool: string): string {
  return `${pool}-m`;
}
