import { describe, expect, test } from "vitest";
import { createFifoQueue } from "./controls/fifo-queue.ts";
import { oneByOne } from "./engine.ts";
import { aLoad } from "./load.ts";
import type { SimulatedRequest } from "./request.ts";
import { simulate } from "./simulate.ts";

interface System {
  readonly workerCount: number;
  readonly serviceCv: number;
  /** Part of the time in which workers are busy, in the mean. */
  readonly load: number;
  readonly requests: number;
}

/** What a long run had, first in, first out: theory is asked for these, so that less of its error is chance. */
interface Run {
  readonly waitMs: number;
  readonly serviceMs: number;
  /** Part of the time in which workers were busy. */
  readonly utilization: number;
}

function runSystem({ workerCount, serviceCv, load, requests }: System): Run {
  const ratePerSecond = 100 * load * workerCount;
  const untilMs = (1000 * requests) / ratePerSecond;
  const { engineLog, record } = simulate({
    queue: createFifoQueue<SimulatedRequest>(),
    workers: Array.from({ length: workerCount }, () => ({ models: ["m"] })),
    engineOf: () => oneByOne(10),
    loads: [
      aLoad({ tenant: "a", demand: { kind: "poisson", ratePerSecond }, cost: { mean: 1, cv: serviceCv } }),
    ],
    untilMs,
    seed: 1,
  });
  const servicesMs = engineLog.map(({ startMs, endMs }) => endMs - startMs);
  return {
    waitMs: mean(record("a").waitsMs),
    serviceMs: mean(servicesMs),
    utilization: (mean(servicesMs) * servicesMs.length) / (workerCount * untilMs),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean wait of M/M/c by Erlang's C formula. */
function erlangWaitMs(workerCount: number, { serviceMs, utilization }: Run): number {
  let term = 1;
  let sum = 0;
  for (let count = 0; count < workerCount; count++) {
    sum += term;
    term *= (utilization * workerCount) / (count + 1);
  }
  const allBusy = term / (1 - utilization);
  return ((allBusy / (sum + allBusy)) * serviceMs) / (workerCount * (1 - utilization));
}

function expectWithin5Percent(actual: number, expected: number): void {
  expect(actual).toBeGreaterThan(0.95 * expected);
  expect(actual).toBeLessThan(1.05 * expected);
}

/** Batches of all that waits, of `fixedMs` and `itemMs` for each item. */
interface TakeAll {
  readonly fixedMs: number;
  readonly itemMs: number;
  /** Arrivals in a millisecond. */
  readonly perMs: number;
}

/** Mean latency of one worker that takes all that waits, over the bound for as many requests as there were. */
function overInoueBound({ fixedMs, itemMs, perMs }: TakeAll, requests: number): number {
  const untilMs = requests / perMs;
  const { record } = simulate({
    queue: createFifoQueue<SimulatedRequest>(),
    workers: [{ models: ["m"] }],
    engineOf: () => ({ runMs: fixedMs, requestMs: itemMs, maxBatchItems: Infinity }),
    loads: [aLoad({ tenant: "a", demand: { kind: "poisson", ratePerSecond: 1000 * perMs } })],
    untilMs,
    seed: 1,
  });
  const latenciesMs = record("a").latenciesMs({ fromMs: 0, untilMs });
  return mean(latenciesMs) / inoueBoundMs({ fixedMs, itemMs, perMs: latenciesMs.length / untilMs });
}

/**
 * The mean latency that a worker which takes all that waits stays below.
 *
 * Source: Inoue, Queueing analysis of GPU-based inference servers with dynamic batching (2021).
 */
function inoueBoundMs({ fixedMs, itemMs, perMs }: TakeAll): number {
  const load = perMs * itemMs;
  const first =
    ((itemMs + fixedMs) / (2 * (1 - load))) * (1 + 2 * perMs * fixedMs + (1 - perMs * fixedMs) / (1 + load));
  const second = (1.5 * fixedMs) / (1 - load) + ((itemMs / 2) * (load + 2)) / (1 - load ** 2);
  return Math.min(first, second);
}

describe("simulate()", () => {
  // Where workers are seldom all busy at once, or busy for long, a mean wait takes more requests to be known.
  test.each([
    { workerCount: 1, load: 0.3, requests: 50_000 },
    { workerCount: 1, load: 0.6, requests: 100_000 },
    { workerCount: 1, load: 0.75, requests: 200_000 },
    { workerCount: 4, load: 0.6, requests: 200_000 },
    { workerCount: 4, load: 0.8, requests: 200_000 },
  ])("waits as M/M/$workerCount does in theory at a load of $load", ({ workerCount, load, requests }) => {
    const run = runSystem({ workerCount, serviceCv: 1, load, requests });
    expectWithin5Percent(run.waitMs, erlangWaitMs(workerCount, run));
  });

  test.each([0.3, 0.6, 0.85])("waits as M/D/1 does in theory at a load of %d", (load) => {
    const run = runSystem({ workerCount: 1, serviceCv: 0, load, requests: 100_000 });
    expectWithin5Percent(run.waitMs, (run.utilization * run.serviceMs) / (2 * (1 - run.utilization)));
  });

  // The bound is one of the mean, which a run this long knows to half a percent.
  test.each(
    [0.1, 0.3, 0.5, 0.7, 0.9].flatMap((load) =>
      [5, 0.5].map((fixedMs) => ({ fixedMs, itemMs: 1, perMs: load })),
    ),
  )("batches all that waits within Inoue's bound: $fixedMs + n ms, $perMs in a millisecond", (system) => {
    const ratio = overInoueBound(system, 60_000);
    expect(ratio).toBeGreaterThan(0.95);
    expect(ratio).toBeLessThan(1.005);
  });
});
