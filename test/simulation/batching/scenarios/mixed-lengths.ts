import { median } from "@sluice/load-generator";
import type { Lengths } from "../../lengths.ts";
import { upTo, type Scenario } from "../../scenarios/scenario.ts";
import type { Batcher } from "../batcher.ts";
import { createFeasibleBatcher } from "../controls/feasible-batcher.ts";
import { goodputRatio } from "../goodput.ts";
import { createProductBatcher } from "../product-batcher.ts";
import { largestBatchRate, type ServingEngine } from "../serving-engine.ts";
import { measured, serveCell, workerCount } from "./cells.ts";

/** A text encoder: 2 ms for a run, 20 µs for a token, 20 ns for each pair of tokens of one text. */
const encoder: ServingEngine = {
  curve: { fixedMs: 2, perElementMs: 0.02, perPairMs: 0.00002 },
  maxBatchItems: 64,
  noiseCv: 0.02,
  slowdowns: [],
};
const sweepLengths = [16, 64, 256, 512];
const timeoutMs = 100;
/** Most that the planner of the product looks at, where lengths vary. */
const windowItems = 32;

const spreads = [0.6, 0.9, 1.2];

/** Texts of all lengths together: batches of similar ones waste little on padding. */
export const mixedLengths: Scenario = {
  name: "mixed-lengths",
  run: ({ full }) => {
    const seeds = upTo(full ? 10 : 1);
    const untilMs = full ? 20_000 : 2_500;
    const cells = (full ? [1, 4] : [1]).flatMap((cv) =>
      (full ? spreads : [0.9]).map((sigma) => ({ cv, sigma })),
    );
    const ratios = cells.map(({ cv, sigma }) => {
      const lengths: Lengths = {
        kind: "logNormal",
        mixture: [{ part: 1, median: 60, sigma }],
        longest: 512,
      };
      const goodput = (create: () => Batcher): number =>
        median(
          seeds.map((seed) =>
            goodputRatio((load) =>
              serveCell({
                batcher: create(),
                engine: encoder,
                ratePerSecond: load * capacity,
                cv,
                lengths,
                sweepLengths,
                timeoutMs,
                untilMs,
                seed,
              }).onTimeRatio(measured),
            ),
          ),
        );
      const product = goodput(() => createProductBatcher(encoder.curve));
      const fifo = goodput(() => createFeasibleBatcher({ windowItems }));
      return { where: `CV ${cv}, spread ${sigma}`, product, fifo };
    });
    return {
      name: "mixed-lengths",
      figures: Object.fromEntries(
        ratios.flatMap(({ where, product, fifo }) => [
          [`goodput over that of first in, first out, ${where}`, product / fifo],
          [`goodput over capacity for rows of 60, ${where}`, product],
        ]),
      ),
      bar: "goodput at least 1.4 times that of the largest feasible batch, first in, first out, from the same window",
      isMet: ratios.every(({ product, fifo }) => product >= 1.4 * fifo),
    };
  },
};

/** If all texts had the median length. */
const capacity = workerCount * largestBatchRate(encoder, 60);
