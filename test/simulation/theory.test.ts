import { describe, expect, test } from "vitest";
import { createFifoQueue } from "./controls/fifo-queue.ts";
import { oneByOne } from "./engine.ts";
import { aLoad } from "./load.ts";
import type { SimulatedRequest } from "./request.ts";
import { simulate } from "./simulate.ts";

interface System {
  readonly workerCount: number;
  readonly serviceCv: number;
  readonly requests: number;
}

/** What a long run had, first in, first out: theory is asked for these, so that less of its error is chance. */
interface Run {
  readonly waitMs: number;
  readonly serviceMs: number;
  /** Part of the time in which workers were busy. */
  readonly utilization: number;
}

function runSystem({ workerCount, serviceCv, requests }: System): Run {
  const ratePerSecond = 60 * workerCount;
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

describe("simulate()", () => {
  // Where all workers are seldom busy at once, a mean wait takes more requests to be known.
  test.each([
    { workerCount: 1, requests: 100_000 },
    { workerCount: 4, requests: 200_000 },
  ])("waits as M/M/$workerCount does in theory", ({ workerCount, requests }) => {
    const run = runSystem({ workerCount, serviceCv: 1, requests });
    expectWithin5Percent(run.waitMs, erlangWaitMs(workerCount, run));
  });

  test("waits as M/D/1 does in theory", () => {
    const run = runSystem({ workerCount: 1, serviceCv: 0, requests: 100_000 });
    expectWithin5Percent(run.waitMs, (run.utilization * run.serviceMs) / (2 * (1 - run.utilization)));
  });
});
