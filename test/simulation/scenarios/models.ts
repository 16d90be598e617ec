import type { RequestQueue } from "@sluice/scheduling";
import { createQueuePerKey } from "../controls/queue-per-key.ts";
import { oneByOne } from "../engine.ts";
import { aLoad } from "../load.ts";
import { shareOf } from "../measure/engine-log.ts";
import type { SimulatedWorker } from "../pool.ts";
import { createFair } from "../queues.ts";
import type { SimulatedRequest } from "../request.ts";
import { simulate } from "../simulate.ts";
import { someWorkers, type Scenario, type ScenarioLength } from "./scenario.ts";

const allModels = ["m1", "m2", "m3"];
/** Each runs other models; none of them is needed by one tenant alone. */
const unlikeWorkers = [["m1", "m2"], ["m1", "m3"], ["m2", "m3"], allModels].map((models) => ({ models }));

interface Arm {
  readonly createQueue: () => RequestQueue<SimulatedRequest>;
  readonly workers: readonly SimulatedWorker[];
  /** The models of tenant B; tenant A uses `m1`. */
  readonly modelsOfB: readonly string[];
  readonly shareOfA: number;
}

const perModel = (): RequestQueue<SimulatedRequest> =>
  createQueuePerKey({ keyOf: ({ model }) => model, createQueue: createFair });

const arms: Readonly<Record<string, Arm>> = {
  "others' models": arm({ modelsOfB: ["m2", "m3"] }),
  "one model in common": arm({ modelsOfB: ["m1", "m2"] }),
  "workers that run different models": arm({ modelsOfB: ["m2", "m3"], workers: unlikeWorkers }),
  "control: queue per model, others' models": arm({
    createQueue: perModel,
    modelsOfB: ["m2", "m3"],
    shareOfA: 1 / 3,
  }),
  "control: queue per model, one model in common": arm({
    createQueue: perModel,
    modelsOfB: ["m1", "m2"],
    shareOfA: 1 / 4,
  }),
};

/** A tenant gets no more of a pool by using more of its models. */
export const models: Scenario = {
  name: "models",
  run: (length) => {
    const shares = Object.entries(arms).map(([name, arm]) => ({
      name,
      arm,
      share: measureShareOfA(arm, length),
    }));
    return {
      name: "models",
      figures: Object.fromEntries(shares.map(({ name, share }) => [`share of A, ${name}`, share])),
      bar: "0.50 within 0.01; in the control arms 0.33 and 0.25",
      isMet: shares.every(({ arm, share }) => Math.abs(share - arm.shareOfA) <= 0.01),
    };
  },
};

function arm(fields: Pick<Arm, "modelsOfB"> & Partial<Arm>): Arm {
  return { createQueue: createFair, workers: someWorkers(4, allModels), shareOfA: 0.5, ...fields };
}

function measureShareOfA({ createQueue, workers, modelsOfB }: Arm, { full }: ScenarioLength): number {
  const untilMs = (full ? 350_000 : 35_000) / workers.length;
  const aBacklog = (tenant: string, model: string) =>
    aLoad({ tenant, model, demand: { kind: "backlog", waiting: 32 }, cost: { mean: 1, cv: 0.3 } });
  const { engineLog } = simulate({
    queue: createQueue(),
    workers,
    engineOf: () => oneByOne(10),
    loads: [aBacklog("a", "m1"), ...modelsOfB.map((model) => aBacklog("b", model))],
    untilMs,
    seed: 1,
  });
  return shareOf("a", engineLog, { fromMs: 0, untilMs });
}
