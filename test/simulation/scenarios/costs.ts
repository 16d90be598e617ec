import { oneByOne } from "../engine.ts";
import { aLoad } from "../load.ts";
import { differenceBoundMs } from "../measure/difference-bound.ts";
import { largestDifferenceMs, shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import { simulate, type Outcome } from "../simulate.ts";
import { someWorkers, type Scenario } from "./scenario.ts";

const workerCount = 4;
const engine = oneByOne(2);
const barWorkerSeconds = 350;

/** Time is shared, not requests: a tenant whose requests cost ten times as much gets a tenth of them through. */
export const costs: Scenario = {
  name: "costs",
  run: ({ full }) => {
    const short = runFor(barWorkerSeconds / 10);
    const atBar = runFor(barWorkerSeconds);
    const longest = full ? runFor(barWorkerSeconds * 10) : atBar;
    const share = shareOf("a", atBar.engineLog, { fromMs: 0, untilMs: lengthMs(barWorkerSeconds) });
    const boundMs = differenceBoundMs({
      log: longest.engineLog,
      workerCount,
      maxBatchItems: engine.maxBatchItems,
    });
    const longestDifferenceMs = largestDifferenceMs(longest.engineLog, ["a", "b"]);
    return {
      name: "costs",
      figures: {
        "share of A": share,
        "largest difference, 35 worker-seconds, ms": largestDifferenceMs(short.engineLog, ["a", "b"]),
        "largest difference, 350 worker-seconds, ms": largestDifferenceMs(atBar.engineLog, ["a", "b"]),
        "largest difference, longest run, ms": longestDifferenceMs,
        "bound of the difference, ms": boundMs,
      },
      bar: "0.50 within 0.01 after 350 worker-seconds; differences within a bound that does not grow with the run",
      isMet: Math.abs(share - 0.5) <= 0.01 && longestDifferenceMs <= boundMs,
    };
  },
};

function lengthMs(workerSeconds: number): number {
  return (1000 * workerSeconds) / workerCount;
}

function runFor(workerSeconds: number): Outcome {
  return simulate({
    queue: createFair(),
    workers: someWorkers(workerCount),
    engineOf: () => engine,
    loads: [
      aLoad({ tenant: "a", demand: { kind: "backlog", waiting: 16 }, cost: { mean: 10, cv: 0.3 } }),
      aLoad({ tenant: "b", demand: { kind: "backlog", waiting: 16 }, cost: { mean: 1, cv: 0.3 } }),
    ],
    untilMs: lengthMs(workerSeconds),
    seed: 1,
  });
}
