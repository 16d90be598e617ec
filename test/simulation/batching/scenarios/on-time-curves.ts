import { median } from "@sluice/load-generator";
import { upTo, type ScenarioLength } from "../../scenarios/scenario.ts";
import { measured, plainCapacity, serveCell } from "./cells.ts";
import { baselines, createProduct } from "./goodput.ts";

/** What part of the requests is on time at each load, with Sluice and with each of the baselines. */
export interface OnTimeCurves {
  /** Coefficient of variation of the gaps between requests. */
  readonly cv: number;
  readonly curves: readonly {
    readonly name: string;
    /** From the smallest load on; loads are parts of the capacity. */
    readonly points: readonly { readonly load: number; readonly onTimeRatio: number }[];
  }[];
}

const loads = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1, 1.25, 1.5, 2, 2.5];

/** Measures the curves, for Poisson arrivals and for bursts. */
export function measureOnTimeCurves({ full }: ScenarioLength): readonly OnTimeCurves[] {
  const seeds = upTo(full ? 5 : 1);
  const untilMs = full ? 20_000 : 4_000;
  const arms = Object.entries({ Sluice: createProduct, ...baselines });
  return [1, 4].map((cv) => ({
    cv,
    curves: arms.map(([name, create]) => ({
      name,
      points: loads.map((load) => ({
        load,
        onTimeRatio: median(
          seeds.map((seed) =>
            serveCell({
              batcher: create(),
              ratePerSecond: load * plainCapacity,
              cv,
              untilMs,
              seed,
            }).onTimeRatio(measured),
          ),
        ),
      })),
    })),
  }));
}
