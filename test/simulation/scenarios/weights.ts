import type { Engine } from "../engine.ts";
import { aLoad } from "../load.ts";
import { shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import { simulate } from "../simulate.ts";
import { deepBacklog, engines } from "./engines.ts";
import { someWorkers, upTo, type Scenario } from "./scenario.ts";

const workerCount = 4;
const untilMs = 35_000 / workerCount;

/** Two tenants that always wait share by their weights, 3 to 1, whatever the engine. */
export const weights: Scenario = {
  name: "weights",
  run: ({ full }) => {
    const figures = Object.fromEntries(
      Object.entries(engines).map(([name, engine]) => [
        `largest error of a share, ${name}`,
        Math.max(...upTo(full ? 20 : 1).map((seed) => errorOfShare(engine, seed))),
      ]),
    );
    return {
      name: "weights",
      figures,
      bar: "0.75 and 0.25 within 0.01 after 35 worker-seconds",
      isMet: Object.values(figures).every((error) => error <= 0.01),
    };
  },
};

function errorOfShare(engine: Engine, seed: number): number {
  const { engineLog } = simulate({
    queue: createFair({ a: { weight: 3 } }),
    workers: someWorkers(workerCount),
    engineOf: () => engine,
    loads: ["a", "b"].map((tenant) => aLoad({ tenant, demand: deepBacklog, cost: { mean: 1, cv: 0.3 } })),
    untilMs,
    seed,
  });
  return Math.abs(shareOf("a", engineLog, { fromMs: 0, untilMs }) - 0.75);
}
