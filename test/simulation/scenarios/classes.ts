import { quantile } from "@sluice/load-generator";
import type { RequestQueue } from "@sluice/scheduling";
import { createStrictPriority } from "../controls/strict-priority.ts";
import { capacityPerSecond, oneByOne, type Engine } from "../engine.ts";
import { aLoad, type Load } from "../load.ts";
import { shareOf } from "../measure/engine-log.ts";
import { createFair } from "../queues.ts";
import type { SimulatedRequest } from "../request.ts";
import { simulate } from "../simulate.ts";
import { engines } from "./engines.ts";
import { someWorkers, type Scenario, type ScenarioLength } from "./scenario.ts";

const workerCount = 4;
const tenants = {
  urgent: { class: "urgent" },
  normal: { class: "normal" },
  background: { class: "background" },
} as const;
/** No queue knows at first what requests cost: the time in which it learns that is not measured. */
const warmUpMs = 1000;
const urgentLoad = 0.6;

/** How many times the requests of the lower classes cost those of the urgent one. */
const costFactors = {
  "equal costs": 1,
  "lower ones cost 10 times as much": 10,
  "lower ones cost a tenth": 0.1,
};

/**
 * What is urgent waits little longer than it would if nobody else was there to be served, and yet those below it, who ask for all
 * there is, get their floor while it asks for all there is too.
 */
export const classes: Scenario = {
  name: "classes",
  run: (length) => {
    const floors = Object.entries(costFactors).flatMap(([name, factor]) =>
      measureFloors(name, factor, length),
    );
    const ratios = Object.entries(engines).map(([name, engine], seed) => {
      const p99 = (queue: RequestQueue<SimulatedRequest>): number =>
        urgentP99Ms({ queue, engine, seed }, length);
      const strictMs = p99(createStrictPriority(({ tenant }) => tenant === "urgent"));
      return {
        name: `p99 of urgent over that with strict priority, ${name}`,
        figure: p99(createFair(tenants)) / strictMs,
      };
    });
    return {
      name: "classes",
      figures: Object.fromEntries([...floors, ...ratios].map(({ name, figure }) => [name, figure])),
      bar: "each lower class 0.05 within 0.01 while all three ask for everything; p99 of urgent requests, at 0.6 of the pool, at most 1.25 of that with strict priority and no floor",
      isMet:
        floors.every(({ figure }) => Math.abs(figure - 0.05) <= 0.01) &&
        ratios.every(({ figure }) => figure <= 1.25),
    };
  },
};

interface Figure {
  readonly name: string;
  readonly figure: number;
}

/** The shares of the lower classes while all three have work all the time. */
function measureFloors(name: string, factor: number, { full }: ScenarioLength): Figure[] {
  const untilMs = (full ? 3_500_000 : 350_000) / workerCount;
  const { engineLog } = simulate({
    queue: createFair(tenants),
    workers: someWorkers(workerCount),
    engineOf: () => oneByOne(10),
    loads: Object.keys(tenants).map((tenant) =>
      aLoad({
        tenant,
        demand: { kind: "backlog", waiting: 16 },
        cost: { mean: tenant === "urgent" ? 1 : factor, cv: 0.3 },
      }),
    ),
    untilMs,
    seed: 1,
  });
  return ["normal", "background"].map((tenant) => ({
    name: `share of ${tenant}, ${name}`,
    figure: shareOf(tenant, engineLog, { fromMs: warmUpMs, untilMs }),
  }));
}

interface Arm {
  readonly queue: RequestQueue<SimulatedRequest>;
  readonly engine: Engine;
  readonly seed: number;
}

function urgentP99Ms({ queue, engine, seed }: Arm, { full }: ScenarioLength): number {
  const ratePerSecond = urgentLoad * workerCount * capacityPerSecond(engine);
  const untilMs = warmUpMs + (1000 * (full ? 200_000 : 20_000)) / ratePerSecond;
  const loads: Load[] = ["urgent", "normal", "background"].map((tenant) =>
    aLoad({
      tenant,
      cost: { mean: 1, cv: 0.05 },
      demand: tenant === "urgent" ? { kind: "poisson", ratePerSecond } : { kind: "backlog", waiting: 64 },
    }),
  );
  const { record } = simulate({
    queue,
    workers: someWorkers(workerCount),
    engineOf: () => engine,
    loads,
    untilMs,
    seed,
  });
  return quantile(
    Float64Array.from(record("urgent").latenciesMs({ fromMs: warmUpMs, untilMs })).sort(),
    0.99,
  );
}
