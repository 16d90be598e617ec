import { median } from "@sluice/load-generator";
import { upTo, type Scenario } from "../../scenarios/scenario.ts";
import { createProduct } from "./goodput.ts";
import { plainCapacity, serveCell } from "./cells.ts";

/** Parts of the capacity; the bar is stated for the last. */
const overloads = [1.5, 2.5];

/** More than the pool can do: what it does is still worth something. */
export const overload: Scenario = {
  name: "overload",
  run: ({ full }) => {
    const untilMs = full ? 20_000 : 4_000;
    const span = { fromMs: 1000, untilMs };
    const cells = [1, 4].flatMap((cv) => overloads.map((load) => ({ cv, load })));
    const results = cells.map(({ cv, load }) => {
      const records = upTo(full ? 10 : 1).map((seed) =>
        serveCell({ batcher: createProduct(), ratePerSecond: load * plainCapacity, cv, untilMs, seed }),
      );
      const perSecond = records.map((record) => (1000 * record.onTimeCount(span)) / (untilMs - span.fromMs));
      return {
        load,
        where: `${load} times the capacity, CV ${cv}`,
        goodput: median(perSecond) / plainCapacity,
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
      bar: "goodput at 2.5 times the capacity at least 0.9 of it; at most 0.02 of what ran was late",
      isMet: results.every(({ load, goodput, useless }) => (load < 2.5 || goodput >= 0.9) && useless <= 0.02),
    };
  },
};
