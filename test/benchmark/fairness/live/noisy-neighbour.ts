import { setTimeout as sleep } from "node:timers/promises";
import { capacityPerSecond, type Engine } from "../../../simulation/engine.ts";
import { createRandom } from "../../../simulation/random.ts";
import { quantile } from "../../measure/median.ts";
import type { FairnessScenario } from "../scenario.ts";
import { cpuFigures } from "./backlogs.ts";
import { measureCpu, type CpuUse } from "./cpu-meter.ts";
import { offerPoisson, type CallRecord } from "./load.ts";
import { startStage, type Stage } from "./stage.ts";

interface Arm {
  readonly engine: Engine;
  /** With one slot a request waits for a whole run of the noisy tenant, whatever the queue does: above the bar by itself. */
  readonly slotCount: number;
}

/** The second is the first at a quarter of the speed, for machines whose processors the first one fills. */
const arms: Readonly<Record<string, Arm>> = {
  "5 + n ms, up to 8, 2 slots": { engine: { runMs: 5, requestMs: 1, maxBatchItems: 8 }, slotCount: 2 },
  "20 + 4n ms, up to 8, 4 slots": { engine: { runMs: 20, requestMs: 4, maxBatchItems: 8 }, slotCount: 4 },
};
const quietTenants = Array.from({ length: 9 }, (_, index) => `quiet-${index + 1}`);
const quietLoad = 0.45;
const noisyLoad = 1;
const timeoutMs = 60_000;
/** No queue knows at first what requests cost, and young processes are slow. */
const warmUpMs = 2_000;

/**
 * Nine tenants that ask for less than their share, beside one that asks for all there is: those nine wait little longer
 * than without it. Stretches with and without it alternate, so that the machine's own moods are in both.
 */
export const noisyNeighbour: FairnessScenario = {
  name: "live/noisy-neighbour",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    let largestRatio = 0;
    for (const [name, arm] of Object.entries(arms)) {
      onProgress(`${quietTenants.length} tenants alone, then beside a noisy one, ${name}`);
      const { alone, beside, cpu } = await measureArm(arm, {
        stretchMs: full ? 20_000 : 6_000,
        rounds: full ? 5 : 2,
      });
      const ratio = quantileMs(beside, 0.99) / quantileMs(alone, 0.99);
      largestRatio = Math.max(largestRatio, ratio);
      const measured = {
        "p99 of the nine beside the noisy one over p99 alone": ratio,
        "p50 alone, ms": quantileMs(alone, 0.5),
        "p99 alone, ms": quantileMs(alone, 0.99),
        "p50 beside the noisy one, ms": quantileMs(beside, 0.5),
        "p99 beside the noisy one, ms": quantileMs(beside, 0.99),
        "calls of the nine": alone.length + beside.length,
        "calls of the nine that failed": [...alone, ...beside].filter(({ code }) => code !== "ok").length,
        ...cpuFigures(cpu),
      };
      for (const [figure, value] of Object.entries(measured)) figures[`${figure}, ${name}`] = value;
    }
    return {
      name: "live/noisy-neighbour",
      figures,
      bar: "p99 of nine tenants at 45 % of capacity, beside one that offers 100 %, at most 1.5 times that without it",
      isMet: largestRatio <= 1.5,
    };
  },
};

interface Stretches {
  readonly alone: readonly CallRecord[];
  readonly beside: readonly CallRecord[];
  readonly cpu: CpuUse;
}

async function measureArm(
  arm: Arm,
  { stretchMs, rounds }: { readonly stretchMs: number; readonly rounds: number },
): Promise<Stretches> {
  await using stage = await startStage({
    pools: { noisy: { models: { m: arm.engine }, workerCount: 1, slotsOfWorker: arm.slotCount } },
    dispatchers: ["d1"],
    tenants: [...quietTenants, "noisy"],
  });
  const alone: CallRecord[] = [];
  const beside: CallRecord[] = [];
  const readCpu = measureCpu();
  for (let seed = 1; seed <= rounds; seed++) {
    alone.push(...(await measureStretch(stage, { arm, tenants: quietTenants, stretchMs, seed })));
    beside.push(
      ...(await measureStretch(stage, { arm, tenants: [...quietTenants, "noisy"], stretchMs, seed })),
    );
  }
  return { alone, beside, cpu: readCpu() };
}

interface Stretch {
  readonly arm: Arm;
  readonly tenants: readonly string[];
  readonly stretchMs: number;
  readonly seed: number;
}

/** Calls of the nine in one stretch, without its warm-up. */
async function measureStretch(
  stage: Stage,
  { arm, tenants, stretchMs, seed }: Stretch,
): Promise<readonly CallRecord[]> {
  const { engine, slotCount } = arm;
  const capacity = slotCount * capacityPerSecond(engine);
  const clients = await Promise.all(tenants.map((tenant) => stage.client(tenant)));
  const loads = clients.map((client, stream) => {
    const isNoisy = client.tenant === "noisy";
    return offerPoisson(
      { client, tags: stage.tags, model: "m", timeoutMs },
      {
        ratePerSecond: capacity * (isNoisy ? noisyLoad : quietLoad / quietTenants.length),
        // What the noisy one sends is to fill the pool, not the processors of this machine.
        atOnce: isNoisy ? engine.maxBatchItems : 1,
        random: createRandom(seed, stream),
      },
    );
  });
  const measuredFromMs = performance.now() + warmUpMs;
  await sleep(warmUpMs + stretchMs);
  const records = await Promise.all(
    loads.map((load, index) => load.stop({ giveUp: tenants[index] === "noisy" })),
  );
  return records
    .slice(0, quietTenants.length)
    .flat()
    .filter(({ sentMs }) => sentMs >= measuredFromMs);
}

function quantileMs(calls: readonly CallRecord[], share: number): number {
  return quantile(Float64Array.from(calls, ({ latencyMs }) => latencyMs).sort(), share);
}
