import { aLoad } from "../load.ts";
import { differenceBoundMs } from "../measure/difference-bound.ts";
import { receivedMs, shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import { simulate } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, upTo, type Scenario } from "./scenario.ts";

const workerCount = 2;
const engine = engines["10 ms"];
const leavesMs = 20_000;
const returnsMs = 220_000;
const untilMs = 420_000;

/** Nobody saves up: a tenant that comes back gets its share from then on, and nothing for the time it was away. */
export const returnFromIdle: Scenario = {
  name: "return-from-idle",
  run: ({ full }) => {
    const returns = upTo(full ? 20 : 1).map(measureReturn);
    const shares = returns.map(({ share }) => share);
    const excessMs = Math.max(...returns.map(({ firstSecondMs, fairMs }) => firstSecondMs - fairMs));
    const boundMs = Math.min(...returns.map((measured) => measured.boundMs));
    return {
      name: "return-from-idle",
      figures: {
        "smallest share of the next 200 s": Math.min(...shares),
        "largest share of the next 200 s": Math.max(...shares),
        "received beyond the fair share in the first second, ms": excessMs,
        "bound of the difference, ms": boundMs,
      },
      bar: "0.48 to 0.52 of the 200 s after 200 s away; in the first second no more beyond the fair share than the bound",
      isMet: shares.every((share) => share >= 0.48 && share <= 0.52) && excessMs <= boundMs,
    };
  },
};

interface Return {
  readonly share: number;
  readonly firstSecondMs: number;
  readonly fairMs: number;
  readonly boundMs: number;
}

function measureReturn(seed: number): Return {
  const demand = { kind: "backlog", waiting: 16 } as const;
  const cost = { mean: 1, cv: 0.3 };
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
    seed,
  });
  const firstSecond = receivedMs(engineLog, { fromMs: returnsMs, untilMs: returnsMs + 1000 });
  return {
    share: shareOf("a", engineLog, { fromMs: returnsMs, untilMs }),
    firstSecondMs: firstSecond.get("a") ?? 0,
    fairMs: (1000 * workerCount) / 2,
    boundMs: differenceBoundMs({ log: engineLog, workerCount, maxBatchItems: engine.maxBatchItems }),
  };
}
