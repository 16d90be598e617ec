import { aLoad } from "../load.ts";
import { differenceBoundMs } from "../measure/difference-bound.ts";
import { receivedMs, shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import { simulate } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, type Scenario } from "./scenario.ts";

const workerCount = 2;
const engine = engines["10 ms"];
const leavesMs = 20_000;
const returnsMs = 220_000;
const untilMs = 420_000;

/** Nobody saves up: a tenant that comes back gets its share from then on, and nothing for the time it was away. */
export const returnFromIdle: Scenario = {
  name: "return-from-idle",
  run: ({ full }) => {
    const demand = { kind: "backlog", waiting: 16 } as const;
    const cost = { mean: 1, cv: full ? 1 : 0.3 };
    const { engineLog } = simulate({
      queue: createFair(),
      workers: someWorkers(workerCount),
      engineOf: () => engine,
      loads: [
        aLoad({ tenant: "a", demand, cost, untilMs: leavesMs }),
        aLoad({ tenant: "a", demand, cost, fromMs: returnsMs }),
        aLoad({ tenant: "b", demand, cost }),
      ],
      untilMs,
      seed: 1,
    });
    const share = shareOf("a", engineLog, { fromMs: returnsMs, untilMs });
    const firstSecond = receivedMs(engineLog, { fromMs: returnsMs, untilMs: returnsMs + 1000 });
    const firstSecondMs = firstSecond.get("a") ?? 0;
    const { maxBatchItems } = engine;
    const mostMs =
      (1000 * workerCount) / 2 + differenceBoundMs({ log: engineLog, workerCount, maxBatchItems });
    return {
      name: "return-from-idle",
      figures: {
        "share of the next 200 s": share,
        "received in the first second, ms": firstSecondMs,
        "fair share of a second and the bound of the difference, ms": mostMs,
      },
      bar: "0.48 to 0.52 of the 200 s after 200 s away; in the first second no more than the fair share and the bound",
      isMet: share >= 0.48 && share <= 0.52 && firstSecondMs <= mostMs,
    };
  },
};
