import { median } from "../../../benchmark/measure/median.ts";
import { upTo, type Scenario, type ScenarioResult } from "../../scenarios/scenario.ts";
import type { Restart } from "../serve.ts";
import type { Slowdown } from "../serving-engine.ts";
import { createProduct } from "./goodput.ts";
import { plainCapacity, plainEngine, serveCell, workerCount } from "./cells.ts";

/** Part of the capacity that is asked for: workers that take 1.4 times as long still carry it. */
const load = 0.6;
const noiseCv = 0.05;
const changeMs = 10_000;

interface Change {
  readonly name: string;
  readonly slowdowns?: readonly Slowdown[];
  readonly restarts?: readonly Restart[];
  readonly untilMs: number;
  /** Part of the requests sent from `fromMs` on that must be on time. */
  readonly fromMs: number;
  readonly onTimeBar: number;
  readonly bar: string;
}

/** Workers that become slower, stall or start anew: what they were measured at is wrong, and soon corrected. */
function changeScenario({
  name,
  slowdowns = [],
  restarts = [],
  untilMs,
  fromMs,
  onTimeBar,
  bar,
}: Change): Scenario {
  return {
    name,
    run: ({ full }): ScenarioResult => {
      const cells = (full ? [1, 4] : [1]).map((cv) => {
        const ratios = upTo(full ? 10 : 1).map((seed) =>
          serveCell({
            batcher: createProduct(),
            engine: { ...plainEngine, noiseCv, slowdowns },
            restarts,
            ratePerSecond: load * plainCapacity,
            cv,
            untilMs,
            seed,
          }).onTimeRatio({ fromMs, untilMs }),
        );
        return { cv, onTime: median(ratios) };
      });
      return {
        name,
        figures: Object.fromEntries(cells.map(({ cv, onTime }) => [`on time, CV ${cv}`, onTime])),
        bar,
        isMet: cells.every(({ cv, onTime }) => cv !== 1 || onTime >= onTimeBar),
      };
    },
  };
}

export const slowerWorkers = changeScenario({
  name: "slower-workers",
  slowdowns: [{ fromMs: changeMs, untilMs: Infinity, factor: 1.4 }],
  untilMs: 2 * changeMs,
  fromMs: 0,
  onTimeBar: 0.98,
  bar: "at least 0.98 on time through a step to 1.4 times as long at half time, Poisson",
});

export const shortStall = changeScenario({
  name: "short-stall",
  slowdowns: [{ fromMs: changeMs, untilMs: changeMs + 1000, factor: 12 }],
  untilMs: 3 * changeMs,
  fromMs: 0,
  onTimeBar: 0.95,
  bar: "at least 0.95 of 30 s on time with one second in which all workers take 12 times as long, Poisson",
});

export const longStall = changeScenario({
  name: "long-stall",
  slowdowns: [{ fromMs: 5000, untilMs: 35_000, factor: 12 }],
  untilMs: 50_000,
  fromMs: 40_000,
  onTimeBar: 0.99,
  bar: "at least 0.99 on time from 5 s after a stall of 30 s on, Poisson",
});

export const restart = changeScenario({
  name: "restart",
  restarts: Array.from({ length: workerCount }, (_, worker) => ({
    worker,
    atMs: changeMs + 2000 * worker,
    awayMs: 1000,
  })),
  untilMs: 3 * changeMs,
  fromMs: 0,
  onTimeBar: 0.98,
  bar: "at least 0.98 on time while one worker after the other is away for a second and comes back with its calibration, Poisson",
});
