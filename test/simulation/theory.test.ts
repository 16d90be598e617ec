import { createFifoQueue } from "@sluice/scheduling";
import { describe, expect, test } from "vitest";
import { oneByOne } from "./engine.ts";
import { aLoad, type Load } from "./load.ts";
import { simulate, type Outcome } from "./simulate.ts";
import type { SimulatedRequest } from "./request.ts";

const serviceMs = 10;

/** One queue, first in, first out, at 80 % load. */
function simulateAt80Percent(workerCount: number, fields: Pick<Load, "cost">): Outcome {
  const ratePerSecond = (0.8 * workerCount * 1000) / serviceMs;
  return simulate({
    queue: createFifoQueue<SimulatedRequest>(),
    workers: Array.from({ length: workerCount }, () => ({ models: ["m"] })),
    engineOf: () => oneByOne(serviceMs),
    loads: [aLoad({ tenant: "a", demand: { kind: "poisson", ratePerSecond }, ...fields })],
    untilMs: (150_000 / ratePerSecond) * 1000,
    seed: 1,
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean wait of M/M/c by Erlang's C formula. */
function erlangWaitMs(workerCount: number, load: number): number {
  const offered = load * workerCount;
  let term = 1;
  let sum = 0;
  for (let count = 0; count < workerCount; count++) {
    sum += term;
    term *= offered / (count + 1);
  }
  const allBusy = term / (1 - load);
  return ((allBusy / (sum + allBusy)) * serviceMs) / (workerCount * (1 - load));
}

function expectWithin5Percent(actual: number, expected: number): void {
  expect(actual).toBeGreaterThan(0.95 * expected);
  expect(actual).toBeLessThan(1.05 * expected);
}

describe("simulate()", () => {
  test.each([1, 4])("waits as M/M/%i does in theory", (workerCount) => {
    const { waitsMs } = simulateAt80Percent(workerCount, { cost: { mean: 1, cv: 1 } }).record("a");
    expectWithin5Percent(mean(waitsMs), erlangWaitMs(workerCount, 0.8));
  });

  test("waits as M/D/1 does in theory", () => {
    const { waitsMs } = simulateAt80Percent(1, { cost: { mean: 1, cv: 0 } }).record("a");
    expectWithin5Percent(mean(waitsMs), (0.8 * serviceMs) / (2 * (1 - 0.8)));
  });
});
