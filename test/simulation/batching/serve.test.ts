import { describe, expect, test } from "vitest";
import { aLoad, type Load } from "../load.ts";
import { createStaticBatcher } from "./controls/static-batcher.ts";
import { knowing } from "./latencies.ts";
import { serve, type ServingExperiment } from "./serve.ts";
import type { ServingRecord } from "./serving-record.ts";

const engine = {
  curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 },
  maxBatchItems: 8,
  noiseCv: 0,
  slowdowns: [],
};
const always = { fromMs: 0, untilMs: Infinity };

/** One worker that takes what waits. */
function serveGreedily(load: Partial<Load>, fields: Partial<ServingExperiment> = {}): ServingRecord {
  return serve({
    batcher: createStaticBatcher({ maxItems: 8, timeoutMs: 0 }),
    engine,
    workerCount: 1,
    createLatency: () => knowing(engine.curve, 1),
    loads: [aLoad({ tenant: "a", demand: { kind: "constant", ratePerSecond: 10 }, ...load })],
    untilMs: 10_000,
    seed: 1,
    ...fields,
  });
}

describe("serve()", () => {
  test("takes the way to the worker, the run and the way back for a request that comes alone", () => {
    expect(serveGreedily({ timeoutMs: 6.5 }).onTimeRatio(always)).toBe(1);
    expect(serveGreedily({ timeoutMs: 6.49 }).onTimeRatio(always)).toBe(0);
  });

  // 800 requests come at once: they fill 100 batches of 13 ms.
  const atOnce = { demand: { kind: "constant", ratePerSecond: 1_000_000 }, untilMs: 0.8005 } as const;

  test("loses none of a worker's time between batches, as it asks before it is free", () => {
    expect(serveGreedily({ ...atOnce, timeoutMs: 1300 }).onTimeRatio(always)).toBe(1);
    expect(serveGreedily({ ...atOnce, timeoutMs: 1299 }).onTimeRatio(always)).toBeLessThan(1);
  });

  test("loses a round trip for each batch that ends before it was predicted to", () => {
    const pessimistic = { createLatency: () => knowing({ ...engine.curve, fixedMs: 500 }, 1) };
    const record = (timeoutMs: number): ServingRecord => serveGreedily({ ...atOnce, timeoutMs }, pessimistic);
    expect(record(1300 + 50).onTimeRatio(always)).toBe(1);
    expect(record(1300 + 49).onTimeRatio(always)).toBeLessThan(1);
  });

  test("runs what it took when a worker goes, and nothing until it is back", () => {
    const record = serveGreedily({ timeoutMs: 50 }, { restarts: [{ worker: 0, atMs: 4001, awayMs: 1000 }] });
    expect(record.onTimeRatio({ fromMs: 0, untilMs: 4001 })).toBe(1);
    expect(record.onTimeRatio({ fromMs: 4001, untilMs: 4950 })).toBe(0);
    expect(record.onTimeRatio({ fromMs: 5002, untilMs: 10_000 })).toBe(1);
  });

  test("is slower in a slowdown", () => {
    const slow = { ...engine, slowdowns: [{ fromMs: 5000, untilMs: 6000, factor: 3 }] };
    const record = serveGreedily({ timeoutMs: 10 }, { engine: slow });
    expect(record.onTimeRatio({ fromMs: 0, untilMs: 5000 })).toBe(1);
    expect(record.onTimeRatio({ fromMs: 5000, untilMs: 5990 })).toBe(0);
    expect(record.onTimeRatio({ fromMs: 6000, untilMs: 10_000 })).toBe(1);
  });

  test("counts the padding of a batch, and what ran in vain", () => {
    const record = serveGreedily({
      lengths: { kind: "logNormal", mixture: [{ part: 1, median: 10, sigma: 0.5 }], longest: 20 },
      demand: { kind: "constant", ratePerSecond: 1000 },
      timeoutMs: 30,
    });
    expect(record.paddingRatio).toBeGreaterThan(0.2);
    expect(record.paddingRatio).toBeLessThan(0.8);
    expect(record.uselessRatio).toBeGreaterThan(0.9);
    expect(record.meanItems).toBeGreaterThan(7);
  });

  test("gives the same record for the same experiment", () => {
    const load = { demand: { kind: "gamma", ratePerSecond: 500, cv: 3 } as const, timeoutMs: 30 };
    const noisy = { engine: { ...engine, noiseCv: 0.2 } };
    expect(serveGreedily(load, noisy).onTimeCount(always)).toBe(
      serveGreedily(load, noisy).onTimeCount(always),
    );
    const other = serveGreedily(load, { ...noisy, seed: 2 });
    expect(serveGreedily(load, noisy).onTimeCount(always)).not.toBe(other.onTimeCount(always));
  });
});
