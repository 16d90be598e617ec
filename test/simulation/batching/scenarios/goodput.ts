import { median } from "@sluice/load-generator";
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
  "static, 32 items or 5 ms": createDefault,
  "no batching": () => createStaticBatcher(noBatching),
  AIMD: createAimdBatcher,
  "lazy, head-feasible": () => createFeasibleBatcher({ windowItems: Infinity }),
};

function createDefault(): Batcher {
  return createStaticBatcher(defaultStatic);
}

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
      // Bursts take longer to average out.
      const untilMs = full ? 20_000 : 2_000 * (1 + cv);
      const settings = full ? staticGrid : staticGrid.filter(({ timeoutMs }) => timeoutMs === 0);
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
      const untuned = medianOf(createDefault);
      const others = Object.entries(full ? baselines : {}).map(
        ([baseline, create]) => [`control: goodput over capacity, ${baseline}`, medianOf(create)] as const,
      );
      const tuned = median(
        seeds.map((seed) =>
          bestGoodputRatio(settings.map((setting) => onTime(() => createStaticBatcher(setting), seed))),
        ),
      );
      return {
        name,
        figures: {
          "goodput over capacity": product,
          "goodput over that of static, 32 items or 5 ms": product / untuned,
          ...Object.fromEntries(others),
          [`control: goodput over capacity, static, best of ${settings.length} settings for each seed`]:
            tuned,
        },
        bar: `median goodput at 99 % on time at least ${overDefault} times that of static (32, 5 ms) and no more than 0.02 of capacity below the best of ${settings.length} static settings`,
        isMet: product >= overDefault * untuned && product >= tuned - 0.02,
      };
    },
  };
}

export const goodputPoisson = goodputScenario({ name: "goodput-poisson", cv: 1, overDefault: 1.1 });
export const goodputBursts = goodputScenario({ name: "goodput-bursts", cv: 4, overDefault: 1.4 });
