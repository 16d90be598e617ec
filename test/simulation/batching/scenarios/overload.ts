import { median } from "@sluice/load-generator";
import { upTo, type Scenario } from "../../scenarios/scenario.ts";
import { createProduct } from "./goodput.ts";
import { plainCapacity, serveCell, workerCount } from "./cells.ts";

/** Times the capacity that callers ask for. */
const overloads = [1.5, 2.5];

/** More than the pool can do: what it does is still worth something. */
export const overload: Scenario = {
  name: "overload",
  run: ({ full }) => {
    const untilMs = full ? 20_000 : 4_000;
    const span = { fromMs: 1000, untilMs };
    const cells = [
      ...[1, 4].flatMap((cv) => overloads.map((load) => ({ cv, load, workers: workerCount }))),
      ...overloads.map((load) => ({ cv: 1, load, workers: 1 })),
    ];
    const results = cells.map(({ cv, load, workers }) => {
      const capacity = (plainCapacity * workers) / workerCount;
      const ratePerSecond = load * capacity;
      const records = upTo(full ? 10 : 1).map((seed) =>
        serveCell({ batcher: createProduct(), workerCount: workers, ratePerSecond, cv, untilMs, seed }),
      );
      const perSecond = records.map((record) => (1000 * record.onTimeCount(span)) / (untilMs - span.fromMs));
      return {
        where: `${load} times the capacity, CV ${cv}${workers === 1 ? ", one worker" : ""}`,
        goodput: median(perSecond) / capacity,
        useless: median(records.map(({ uselessRatio }) => uselessRatio)),
      };
    });
    return {
      name: "overload",
      figures: Object.fromEntries(
        results.flatMap(({ where, goodput, useless }) => [
          [`goodput over capacity, ${where}`, goodput],
          [`part of what ran that was late, ${where}`, useless],
        ]),
      ),
      bar: "goodput at least 0.9 of the capacity; at most 0.02 of what ran was late",
      isMet: results.every(({ goodput, useless }) => goodput >= 0.9 && useless <= 0.02),
    };
  },
};
