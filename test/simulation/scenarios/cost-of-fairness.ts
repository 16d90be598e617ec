import type { RequestQueue } from "@sluice/scheduling";
import { createFifoQueue } from "../controls/fifo-queue.ts";
import { capacityPerSecond, type Engine } from "../engine.ts";
import { aLoad, type Load } from "../load.ts";
import { createFair } from "../queues.ts";
import type { SimulatedRequest } from "../request.ts";
import { simulate } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, upTo, type Scenario } from "./scenario.ts";

const workerCount = 4;
const models = ["m1", "m2", "m3"];
const tenants = upTo(12).map((number) => `t${number}`);
const batchingEngines = {
  "5 + n ms, up to 32": engines["5 + n ms, up to 32"],
  "2 + 4n ms, up to 8": engines["2 + 4n ms, up to 8"],
};

/** Being fair makes no batch smaller: the pool answers as many requests as it does first in, first out. */
export const costOfFairness: Scenario = {
  name: "cost-of-fairness",
  run: ({ full }) => {
    const untilMs = full ? 200_000 : 10_000;
    const ratios = Object.entries(batchingEngines).flatMap(([name, engine]) =>
      Object.entries({ "always waiting": steady(), bursts: bursts(engine) }).map(([kind, loads]) => {
        const count = (queue: RequestQueue<SimulatedRequest>): number =>
          answeredCount({ queue, engine, loads, untilMs });
        return [
          `throughput over first in, first out, ${kind}, ${name}`,
          count(createFair()) / count(createFifoQueue()),
        ];
      }),
    );
    const figures: Record<string, number> = Object.fromEntries(ratios);
    return {
      name: "cost-of-fairness",
      figures,
      bar: "throughput at least 0.97 of first in, first out",
      isMet: Object.values(figures).every((ratio) => ratio >= 0.97),
    };
  },
};

/** Few waiting for each tenant and model, so that only several tenants together fill a batch. */
function steady(): Load[] {
  return forAll((tenant, model) => aLoad({ tenant, model, demand: { kind: "backlog", waiting: 4 } }));
}

/** As much as the pool can do, in bursts, so that queues grow long and run empty. */
function bursts(engine: Engine): Load[] {
  const ratePerSecond = (workerCount * capacityPerSecond(engine)) / (tenants.length * models.length);
  return forAll((tenant, model) => aLoad({ tenant, model, demand: { kind: "gamma", ratePerSecond, cv: 4 } }));
}

function forAll(load: (tenant: string, model: string) => Load): Load[] {
  return tenants.flatMap((tenant) => models.map((model) => load(tenant, model)));
}

interface Arm {
  readonly queue: RequestQueue<SimulatedRequest>;
  readonly engine: Engine;
  readonly loads: readonly Load[];
  readonly untilMs: number;
}

function answeredCount({ queue, engine, loads, untilMs }: Arm): number {
  const { engineLog } = simulate({
    queue,
    workers: someWorkers(workerCount, models),
    engineOf: () => engine,
    loads,
    untilMs,
    seed: 1,
  });
  return engineLog.reduce((count, { endMs, parts }) => (endMs <= untilMs ? count + parts.length : count), 0);
}
