import { median } from "../../../benchmark/measure/median.ts";
import { upTo, type Scenario } from "../../scenarios/scenario.ts";
import type { Batcher } from "../batcher.ts";
import { createAimdBatcher } from "../controls/aimd-batcher.ts";
import { createFeasibleBatcher } from "../controls/feasible-batcher.ts";
import { createStaticBatcher, defaultStatic, noBatching, staticGrid } from "../controls/static-batcher.ts";
import { bestGoodputRatio, goodputRatio } from "../goodput.ts";
import { createProductBatcher } from "../product-batcher.ts";
import { measured, plainCapacity, plainEngine, serveCell } from "./cells.ts";

/** What Sluice is compared with, none of it tuned; none but the last knows of deadlines before they have passed. */
export const baselines: Readonly<Record<string, () => Batcher>> = {
  "no batching": () => createStaticBatcher(noBatching),
  "static, 32 items or 5 ms": () => createStaticBatcher(defaultStatic),
  AIMD: createAimdBatcher,
  "lazy, head-feasible": () => createFeasibleBatcher({ windowItems: Infinity }),
};

export const createProduct = (): Batcher => createProductBatcher(plainEngine.curve);

interface GoodputBar {
  readonly name: string;
  readonly cv: number;
  /** Times the goodput of the default static settings. */
  readonly overDefault: number;
}

/** How much load a pool carries with 99 of 100 requests on time, beside what others carry. */
function goodputScenario({ name, cv, overDefault }: GoodputBar): Scenario {
  return {
    name,
    run: ({ full }) => {
      const seeds = upTo(full ? 10 : 1);
      const untilMs = full ? 20_000 : 4_000;
      const onTime = (create: () => Batcher, seed: number) => (load: number) =>
        serveCell({
          batcher: create(),
          ratePerSecond: load * plainCapacity,
          cv,
          untilMs,
          seed,
        }).onTimeRatio(measured);
      const medianOf = (create: () => Batcher): number =>
        median(seeds.map((seed) => goodputRatio(onTime(create, seed))));

      const product = medianOf(createProduct);
      const others = Object.entries(baselines).map(
        ([baseline, create]) => [baseline, medianOf(create)] as const,
      );
      const untuned = Object.fromEntries(others)["static, 32 items or 5 ms"] ?? NaN;
      const tuned = median(
        seeds.map((seed) =>
          bestGoodputRatio(staticGrid.map((settings) => onTime(() => createStaticBatcher(settings), seed))),
        ),
      );
      return {
        name,
        figures: {
          "goodput over capacity": product,
          "goodput over that of static, 32 items or 5 ms": product / untuned,
          ...Object.fromEntries(
            others.map(([baseline, ratio]) => [`control: goodput over capacity, ${baseline}`, ratio]),
          ),
          "control: goodput over capacity, static, best of 25 settings for each seed": tuned,
        },
        bar: `median goodput at 99 % on time at least ${overDefault} times that of static (32, 5 ms) and no more than 0.02 of capacity below the best of 25 static settings`,
        isMet: product >= overDefault * untuned && product >= tuned - 0.02,
      };
    },
  };
}

export const goodputPoisson = goodputScenario({ name: "goodput-poisson", cv: 1, overDefault: 1.1 });
export const goodputBursts = goodputScenario({ name: "goodput-bursts", cv: 4, overDefault: 1.4 });
