import { quantile } from "@sluice/load-generator";
import type { RequestQueue } from "@sluice/scheduling";
import { createFifoQueue } from "../controls/fifo-queue.ts";
import { createStrictPriority } from "../controls/strict-priority.ts";
import { capacityPerSecond, type Engine } from "../engine.ts";
import { aLoad } from "../load.ts";
import { createFair } from "../queues.ts";
import type { SimulatedRequest } from "../request.ts";
import { simulate } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, upTo, type Scenario } from "./scenario.ts";

const workerCount = 4;
const quietTenants = upTo(9).map((number) => `quiet-${number}`);
const quietLoad = 0.45;
const noisyLoad = 1;
/** No queue knows at first what requests cost: the time in which it learns that is not measured. */
const warmUpMs = 1000;
/** Without it workers that are always busy would keep the distance they had at the start. */
const cost = { mean: 1, cv: 0.05 };

/**
 * Nine tenants that ask for less than their share, beside one that asks for all there is: those nine wait little longer
 * than they would if the tenth stood back for them.
 */
export const noisyNeighbour: Scenario = {
  name: "noisy-neighbour",
  run: ({ full }) => {
    const quietRequests = full ? 100_000 : 4_000;
    const ratios = Object.entries(engines).map(([name, engine], seed) => {
      const p99 = (queue: RequestQueue<SimulatedRequest>): number =>
        quietP99Ms({ queue, engine, quietRequests, seed });
      const strictMs = p99(createStrictPriority(({ tenant }) => tenant !== "noisy"));
      return { name, fair: p99(createFair()) / strictMs, fifo: p99(createFifoQueue()) / strictMs };
    });
    return {
      name: "noisy-neighbour",
      figures: Object.fromEntries(
        ratios.flatMap(({ name, fair, fifo }) => [
          [`p99 over that with strict priority, ${name}`, fair],
          [`control: p99 first in, first out over that with strict priority, ${name}`, fifo],
        ]),
      ),
      bar: "p99 of the nine at most 1.25 of that with strict priority for them; first in, first out at least 10 times the fair one",
      isMet: ratios.every(({ fair, fifo }) => fair <= 1.25 && fifo >= 10 * fair),
    };
  },
};

interface Arm {
  readonly queue: RequestQueue<SimulatedRequest>;
  readonly engine: Engine;
  /** About how many requests of the nine are measured: the run is as long as that takes. */
  readonly quietRequests: number;
  readonly seed: number;
}

function quietP99Ms({ queue, engine, quietRequests, seed }: Arm): number {
  const capacity = workerCount * capacityPerSecond(engine);
  const perQuietTenant = (quietLoad * capacity) / quietTenants.length;
  const untilMs = warmUpMs + (1000 * quietRequests) / (quietLoad * capacity);
  const outcome = simulate({
    queue,
    workers: someWorkers(workerCount),
    engineOf: () => engine,
    loads: [
      ...quietTenants.map((tenant) =>
        aLoad({ tenant, cost, demand: { kind: "poisson", ratePerSecond: perQuietTenant } }),
      ),
      aLoad({ tenant: "noisy", cost, demand: { kind: "poisson", ratePerSecond: noisyLoad * capacity } }),
    ],
    untilMs,
    seed,
  });
  const latenciesMs = quietTenants.flatMap((tenant) =>
    outcome.record(tenant).latenciesMs({ fromMs: warmUpMs, untilMs }),
  );
  return quantile(Float64Array.from(latenciesMs).sort(), 0.99);
}
