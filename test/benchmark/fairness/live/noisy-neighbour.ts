import { createRandom, quantile } from "@sluice/load-generator";
import { capacityPerSecond, type Engine } from "../../../simulation/engine.ts";
import { aLoad } from "../../../simulation/load.ts";
import { createFair } from "../../../simulation/queues.ts";
import { someWorkers } from "../../../simulation/scenarios/scenario.ts";
import { simulate } from "../../../simulation/simulate.ts";
import type { BenchmarkScenario } from "../../scenario/scenario.ts";
import { startCallers, type CallerProcess } from "../../stage/callers.ts";
import { cpuFigures, measureCpu, type CpuUse } from "../../stage/cpu-meter.ts";
import { offerPoisson, type CallRecord } from "../../stage/load.ts";
import { startStage, type Stage } from "../../stage/stage.ts";

interface Arm {
  readonly engine: Engine;
  /** With one slot a request waits for a whole run of the noisy tenant, whatever the queue does: above the bar by itself. */
  readonly slotCount: number;
}

/** The second is the first at a tenth of the speed, for machines whose processors the first one fills. */
const arms: Readonly<Record<string, Arm>> = {
  "5 + n ms, up to 8, 2 slots": { engine: { runMs: 5, requestMs: 1, maxBatchItems: 8 }, slotCount: 2 },
  "50 + 10n ms, up to 8, 4 slots": { engine: { runMs: 50, requestMs: 10, maxBatchItems: 8 }, slotCount: 4 },
};
const quietTenants = Array.from({ length: 9 }, (_, index) => `quiet-${index + 1}`);
const noisyTenant = "noisy";
/** In whose name all ten call in the control arm: the requests of one tenant are served first in, first out. */
const commonTenant = "everyone";
const model = "m";
const quietLoad = 0.45;
const noisyLoad = 1;
const timeoutMs = 60_000;
/** p99 alone, over that of a simulator in which only engines take time: beyond it a run measures the machine, not the queue. */
const largestDelay = 2;
/** No queue knows at first what requests cost. */
const warmUpMs = 2_000;
/** Load before the first stretch: young processes are slow. */
const processWarmUpMs = 10_000;

/**
 * Nine tenants that ask for less than their share, beside one that asks for all there is: those nine wait little longer
 * than without it. Stretches with and without it alternate, so that the machine's own moods are in both; in a last one all ten
 * call as one tenant.
 */
export const noisyNeighbour: BenchmarkScenario = {
  name: "live/noisy-neighbour",
  async run({ full, onProgress }) {
    const figures: Record<string, number> = {};
    let isMet = true;
    for (const [name, arm] of Object.entries(arms)) {
      onProgress(`${quietTenants.length} tenants alone, then beside a noisy one, ${name}`);
      const { alone, beside, inOneLine, cpu } = await measureArm(arm, {
        stretchMs: full ? 20_000 : 8_000,
        roundCount: full ? 9 : 5,
      });
      const ratio = quantileMs(beside, 0.99) / quantileMs(alone, 0.99);
      const delay = quantileMs(alone, 0.99) / simulatedAloneMs(arm);
      const inOneLineRatio = quantileMs(inOneLine, 0.99) / quantileMs(beside, 0.99);
      isMet &&= ratio <= 1.5 && delay <= largestDelay && inOneLineRatio >= 10;
      const measured = {
        "p99 of the nine beside the noisy one over p99 alone": ratio,
        "p99 alone over that of the simulator": delay,
        "control: p99 first in, first out over that beside the noisy one": inOneLineRatio,
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
      bar: "p99 of nine tenants at 45 % of capacity, beside one that offers 100 %, at most 1.5 times that without it, where processors do not decide: p99 alone at most twice that of the simulator; first in, first out at least 10 times worse",
      isMet,
    };
  },
};

interface Stretches {
  readonly alone: readonly CallRecord[];
  readonly beside: readonly CallRecord[];
  readonly inOneLine: readonly CallRecord[];
  readonly cpu: CpuUse;
}

async function measureArm(
  arm: Arm,
  { stretchMs, roundCount }: { readonly stretchMs: number; readonly roundCount: number },
): Promise<Stretches> {
  await using stage = await startStage({
    pools: { noisy: { models: { [model]: arm.engine }, workerCount: 1, slotsOfWorker: arm.slotCount } },
    dispatchers: ["d1"],
    tenants: [...quietTenants, noisyTenant, commonTenant],
  });
  await using callers = await startCallers(stage.server, [...quietTenants, commonTenant]);
  const measure = (stretch: Omit<NineStretch, "arm" | "callers">): Promise<readonly CallRecord[]> =>
    measureStretch(stage, { arm, callers, ...stretch });
  await measure({ nine: quietTenants, tenth: noisyTenant, stretchMs: processWarmUpMs, seed: 0 });
  const alone: CallRecord[] = [];
  const beside: CallRecord[] = [];
  const readCpu = measureCpu();
  for (let seed = 1; seed <= roundCount; seed++) {
    alone.push(...(await measure({ nine: quietTenants, stretchMs, seed })));
    beside.push(...(await measure({ nine: quietTenants, tenth: noisyTenant, stretchMs, seed })));
  }
  const cpu = readCpu();
  const everyone = quietTenants.map(() => commonTenant);
  const inOneLine = await measure({ nine: everyone, tenth: commonTenant, stretchMs, seed: 1 });
  return { alone, beside, inOneLine, cpu };
}

interface NineStretch {
  readonly arm: Arm;
  readonly callers: CallerProcess;
  /** In whose name the nine call. */
  readonly nine: readonly string[];
  /** In whose name the noisy one does, if there is one. */
  readonly tenth?: string;
  readonly stretchMs: number;
  readonly seed: number;
}

/**
 * Calls of the nine in one stretch, without its warm-up. They are made in another process than those of the noisy one: collecting
 * what its thousands of open calls leave takes some 20 ms each time, which is not what the nine are to wait for.
 */
async function measureStretch(
  stage: Stage,
  { arm, callers, nine, tenth, stretchMs, seed }: NineStretch,
): Promise<readonly CallRecord[]> {
  const { engine, slotCount } = arm;
  const capacity = slotCount * capacityPerSecond(engine);
  await using _noisy = tenth === undefined ? undefined : await makeNoise(stage, { arm, tenant: tenth, seed });
  // Without this await the noise would end before the calls begin.
  return await callers.run({
    tenants: nine,
    model,
    ratePerSecond: (capacity * quietLoad) / nine.length,
    timeoutMs,
    warmUpMs,
    measuredMs: stretchMs,
    seed,
  });
}

/** The calls of the noisy one, until it is disposed of: then the thousands that are open are cancelled at once. */
async function makeNoise(
  stage: Stage,
  { arm, tenant, seed }: { readonly arm: Arm; readonly tenant: string; readonly seed: number },
): Promise<AsyncDisposable> {
  const { engine, slotCount } = arm;
  const client = await stage.client(tenant, { drainTimeoutMs: 0 });
  const load = offerPoisson(
    { client, tags: stage.tags, model, timeoutMs },
    {
      ratePerSecond: slotCount * capacityPerSecond(engine) * noisyLoad,
      // What the noisy one sends is to fill the pool, not the processors of this machine.
      atOnce: engine.maxBatchItems,
      random: createRandom(seed, quietTenants.length),
    },
  );
  return {
    async [Symbol.asyncDispose]() {
      const stopped = load.stop();
      await client.close();
      await stopped;
    },
  };
}

/** p99 of the nine alone if nothing but the engines took time. */
function simulatedAloneMs({ engine, slotCount }: Arm): number {
  const ratePerSecond = (slotCount * capacityPerSecond(engine) * quietLoad) / quietTenants.length;
  const span = { fromMs: warmUpMs, untilMs: 60_000 };
  const { record } = simulate({
    queue: createFair(),
    workers: someWorkers(slotCount),
    engineOf: () => engine,
    loads: quietTenants.map((tenant) => aLoad({ tenant, demand: { kind: "poisson", ratePerSecond } })),
    untilMs: span.untilMs,
    seed: 1,
  });
  const latenciesMs = quietTenants.flatMap((tenant) => record(tenant).latenciesMs(span));
  return quantile(Float64Array.from(latenciesMs).sort(), 0.99);
}

function quantileMs(calls: readonly CallRecord[], share: number): number {
  return quantile(Float64Array.from(calls, ({ latencyMs }) => latencyMs).sort(), share);
}
