import { median } from "@sluice/load-generator";
import { upTo, type Scenario, type ScenarioLength, type ScenarioResult } from "../../scenarios/scenario.ts";
import type { Restart } from "../serve.ts";
import type { Slowdown } from "../serving-engine.ts";
import { createProduct } from "./goodput.ts";
import { plainCapacity, plainEngine, serveCell, workerCount } from "./cells.ts";

/** Part of the capacity that is asked for: workers that take 1.4 times as long still carry it. */
const load = 0.6;
const noiseCv = 0.05;
const changeMs = 10_000;
/** What may pass after a long stall until all is as before. */
const recoveryMs = 5000;

interface Change {
  readonly name: string;
  /** What happens, and from when to when it is measured. */
  readonly course: (length: ScenarioLength) => Course;
  /** Part of the requests that must be on time with Poisson arrivals. */
  readonly onTimeBar: number;
  readonly bar: string;
}

interface Course {
  readonly slowdowns?: readonly Slowdown[];
  readonly restarts?: readonly Restart[];
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Workers that become slower, stall or start anew: what they were measured at is wrong, and soon corrected. */
function changeScenario({ name, course, onTimeBar, bar }: Change): Scenario {
  return {
    name,
    run: (length): ScenarioResult => {
      const { full } = length;
      const { slowdowns = [], restarts = [], fromMs, untilMs } = course(length);
      const onTime = (cv: number, change: Pick<Course, "slowdowns" | "restarts">): number =>
        median(
          upTo(full ? 10 : 1).map((seed) =>
            serveCell({
              batcher: createProduct(),
              engine: { ...plainEngine, noiseCv, slowdowns: change.slowdowns ?? [] },
              restarts: change.restarts ?? [],
              ratePerSecond: load * plainCapacity,
              cv,
              untilMs,
              seed,
            }).onTimeRatio({ fromMs, untilMs }),
          ),
        );
      const cells = (full ? [1, 4] : [1]).map((cv) => ({
        cv,
        changed: onTime(cv, { slowdowns, restarts }),
        unchanged: onTime(cv, {}),
      }));
      return {
        name,
        figures: Object.fromEntries(
          cells.flatMap(({ cv, changed, unchanged }) => [
            [`on time, CV ${cv}`, changed],
            [`control: on time if nothing changes, CV ${cv}`, unchanged],
          ]),
        ),
        bar,
        isMet: cells.every(({ cv, changed }) => cv !== 1 || changed >= onTimeBar),
      };
    },
  };
}

export const slowerWorkers = changeScenario({
  name: "slower-workers",
  course: () => ({
    slowdowns: [{ fromMs: changeMs, untilMs: Infinity, factor: 1.4 }],
    fromMs: 0,
    untilMs: 2 * changeMs,
  }),
  onTimeBar: 0.98,
  bar: "at least 0.98 on time through a step to 1.4 times as long at half time, Poisson",
});

export const shortStall = changeScenario({
  name: "short-stall",
  course: () => ({
    slowdowns: [{ fromMs: changeMs, untilMs: changeMs + 1000, factor: 12 }],
    fromMs: 0,
    untilMs: 3 * changeMs,
  }),
  onTimeBar: 0.95,
  bar: "at least 0.95 of 30 s on time with one second in which all workers take 12 times as long, Poisson",
});

export const longStall = changeScenario({
  name: "long-stall",
  course: ({ full }) => {
    const endMs = changeMs + (full ? 30_000 : 8_000);
    return {
      slowdowns: [{ fromMs: changeMs, untilMs: endMs, factor: 12 }],
      fromMs: endMs + recoveryMs,
      untilMs: endMs + recoveryMs + 5000,
    };
  },
  onTimeBar: 0.99,
  bar: "at least 0.99 on time from 5 s after a long stall on (30 s in full), Poisson",
});

export const restart = changeScenario({
  name: "restart",
  course: () => ({
    restarts: Array.from({ length: workerCount }, (_, worker) => ({
      worker,
      atMs: changeMs + 2000 * worker,
      awayMs: 1000,
    })),
    fromMs: 0,
    untilMs: 2 * changeMs,
  }),
  onTimeBar: 0.98,
  bar: "at least 0.98 on time while one worker after the other is away for a second and comes back with its calibration, Poisson",
});
