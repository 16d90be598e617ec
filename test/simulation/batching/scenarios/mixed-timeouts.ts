import { median } from "@sluice/load-generator";
import { aLoad, type Load } from "../../load.ts";
import { upTo, type Scenario } from "../../scenarios/scenario.ts";
import { arrivalsOf, plainCapacity, serveCell } from "./cells.ts";
import { createProduct } from "./goodput.ts";

/** Times the capacity that all callers together ask for. */
const overloads = [1.5, 2.5];

/** Callers of one tenant: the part of all requests that they send, and what they allow. */
interface Callers {
  readonly tenant: string;
  readonly part: number;
  readonly timeoutMs: number;
}

const crowds: Readonly<Record<string, readonly Callers[]>> = {
  "a tenant of 50 ms and one of 200 ms": [
    { tenant: "a", part: 0.5, timeoutMs: 50 },
    { tenant: "b", part: 0.5, timeoutMs: 200 },
  ],
  "one tenant of both": [
    { tenant: "a", part: 0.5, timeoutMs: 50 },
    { tenant: "a", part: 0.5, timeoutMs: 200 },
  ],
  "two tenants of both": [
    { tenant: "a", part: 0.25, timeoutMs: 50 },
    { tenant: "a", part: 0.25, timeoutMs: 200 },
    { tenant: "b", part: 0.25, timeoutMs: 50 },
    { tenant: "b", part: 0.25, timeoutMs: 200 },
  ],
};

/** A tenant that asks for little and allows little, beside a crowd that is patient. */
const lonely: readonly Callers[] = [
  { tenant: "a", part: 0.1, timeoutMs: 50 },
  { tenant: "b", part: 0.9, timeoutMs: 200 },
];

/** A fiftieth of the requests allow hardly more than one of them takes: 6 ms, and the messages. */
const fewHurried: Readonly<Record<string, readonly Callers[]>> = {
  "of one tenant": [
    { tenant: "a", part: 0.02, timeoutMs: 10 },
    { tenant: "a", part: 0.98, timeoutMs: 50 },
  ],
  "of another tenant": [
    { tenant: "a", part: 0.02, timeoutMs: 10 },
    { tenant: "b", part: 0.98, timeoutMs: 50 },
  ],
};

/** Nearly all that the pool can do. */
const highLoad = 0.9;

function loadsOf(callers: readonly Callers[], overload: number): readonly Load[] {
  return callers.map(({ tenant, part, timeoutMs }) =>
    aLoad({ tenant, timeoutMs, demand: arrivalsOf(part * overload * plainCapacity, 1) }),
  );
}

/** Callers that allow little make batches small; more of all are in time where some of a crowd of them are given up. */
export const mixedTimeouts: Scenario = {
  name: "mixed-timeouts",
  run: ({ full }) => {
    const untilMs = full ? 20_000 : 4_000;
    const span = { fromMs: 1000, untilMs };
    const measure = (
      callers: readonly Callers[],
      overload: number,
    ): { readonly goodput: number; readonly first: number; readonly second: number } => {
      const records = upTo(full ? 10 : 1).map((seed) =>
        serveCell({
          batcher: createProduct(),
          loads: loadsOf(callers, overload),
          ratePerSecond: overload * plainCapacity,
          cv: 1,
          untilMs,
          seed,
        }),
      );
      const perSecond = records.map((record) => (1000 * record.onTimeCount(span)) / (untilMs - span.fromMs));
      return {
        goodput: median(perSecond) / plainCapacity,
        first: median(records.map((record) => record.onTimeRatio(span, 0))),
        second: median(records.map((record) => record.onTimeRatio(span, 1))),
      };
    };
    const goodputs = Object.entries(crowds).flatMap(([name, callers]) =>
      overloads.map(
        (overload) =>
          [`goodput over capacity, ${name}, ${overload} times`, measure(callers, overload).goodput] as const,
      ),
    );
    const alone = overloads.map(
      (overload) =>
        [
          `on time, a tenth of the requests with 50 ms beside a crowd of 200 ms, ${overload} times`,
          measure(lonely, overload).first,
        ] as const,
    );
    const few = Object.entries(fewHurried).map(([whose, callers]) => {
      const high = measure(callers, highLoad);
      return {
        onTime: [
          `on time, 50 ms beside a fiftieth ${whose} with 10 ms, ${highLoad} times`,
          high.second,
        ] as const,
        hurried: [`of these with 10 ms, ${whose}`, high.first] as const,
        goodputs: overloads.map(
          (overload) =>
            [
              `goodput over capacity, 50 ms beside a fiftieth ${whose} with 10 ms, ${overload} times`,
              measure(callers, overload).goodput,
            ] as const,
        ),
      };
    });
    const allGoodputs = [...goodputs, ...few.flatMap((one) => one.goodputs)];
    const onTime = [...alone, ...few.map((one) => one.onTime)];
    return {
      name: "mixed-timeouts",
      figures: Object.fromEntries([...allGoodputs, ...onTime, ...few.map((one) => one.hurried)]),
      bar: "goodput at least 0.9 of the capacity in an overload; at least 0.98 on time of a tenant within its share, and of those with 50 ms beside few with 10 ms",
      isMet: allGoodputs.every(([, goodput]) => goodput >= 0.9) && onTime.every(([, ratio]) => ratio >= 0.98),
    };
  },
};
