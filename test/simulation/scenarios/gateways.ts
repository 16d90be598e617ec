import type { RequestQueue } from "@sluice/scheduling";
import { createQueuePerKey } from "../controls/queue-per-key.ts";
import { aLoad, type Load } from "../load.ts";
import { shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import type { SimulatedRequest } from "../request.ts";
import { simulate } from "../simulate.ts";
import { deepBacklog, engines } from "./engines.ts";
import { someWorkers, type Scenario, type ScenarioLength } from "./scenario.ts";

/** One for each of the four gateways: the dispatcher that owns a pool is near to some and far from others. */
const entryDelaysMs: Readonly<Record<string, number>> = { g1: 0.2, g2: 0.5, g3: 1, g4: 5 };
const allGateways = Object.keys(entryDelaysMs);
/** One pool, of one dispatcher, for each. */
const poolEngines = [
  engines["10 ms"],
  engines["50 ms"],
  engines["5 + n ms, up to 32"],
  engines["2 + 4n ms, up to 8"],
];
const workerCount = 4;

interface Arm {
  readonly createQueue: () => RequestQueue<SimulatedRequest>;
  /** The gateways of tenant A; tenant B comes through all four. */
  readonly gatewaysOfA: readonly string[];
}

const perDispatcher = (): RequestQueue<SimulatedRequest> =>
  createQueuePerKey({ keyOf: ({ gateway }) => gateway, createQueue: createFair });

/** What a tenant gets of a pool does not depend on the ways its requests come. */
export const gateways: Scenario = {
  name: "gateways",
  run: (length) => {
    const through1 = measureShares({ createQueue: createFair, gatewaysOfA: ["g1"] }, length);
    const through4 = measureShares({ createQueue: createFair, gatewaysOfA: allGateways }, length);
    const control = measureShares({ createQueue: perDispatcher, gatewaysOfA: ["g1"] }, length);
    const errors = [...through1, ...through4].map((share) => Math.abs(share - 0.5));
    return {
      name: "gateways",
      figures: {
        "smallest share of A in a pool, through one gateway": Math.min(...through1),
        "smallest share of A in a pool, through four gateways": Math.min(...through4),
        "largest error of a share": Math.max(...errors),
        "control: largest share of A, queue per dispatcher, through one": Math.max(...control),
      },
      bar: "0.50 within 0.01 in each of 4 pools; in the control arm at most 0.30",
      isMet: Math.max(...errors) <= 0.01 && Math.max(...control) <= 0.3,
    };
  },
};

/** The share of tenant A in each pool. */
function measureShares({ createQueue, gatewaysOfA }: Arm, { full }: ScenarioLength): number[] {
  const untilMs = (full ? 350_000 : 35_000) / workerCount;
  const loads = [
    ...gatewaysOfA.map((gateway) => aBacklog("a", gateway)),
    ...allGateways.map((gateway) => aBacklog("b", gateway)),
  ];
  return poolEngines.map((engine) => {
    const { engineLog } = simulate({
      queue: createQueue(),
      workers: someWorkers(workerCount),
      engineOf: () => engine,
      loads,
      untilMs,
      seed: 1,
    });
    return shareOf("a", engineLog, { fromMs: 0, untilMs });
  });
}

function aBacklog(tenant: string, gateway: string): Load {
  return aLoad({
    tenant,
    gateway,
    entryDelayMs: entryDelaysMs[gateway] ?? 0,
    demand: deepBacklog,
    cost: { mean: 1, cv: 0.3 },
  });
}
