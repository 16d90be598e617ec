import { describe, expect, test } from "vitest";
import { createFifoQueue } from "./controls/fifo-queue.ts";
import { oneByOne } from "./engine.ts";
import { aLoad, type Load } from "./load.ts";
import type { SimulatedRequest } from "./request.ts";
import { simulate, type Outcome } from "./simulate.ts";

function simulateFifo(loads: readonly Load[]): Outcome {
  return simulate({
    queue: createFifoQueue<SimulatedRequest>(),
    workers: [{ models: ["m"] }],
    engineOf: () => oneByOne(10),
    loads,
    untilMs: 1000,
    seed: 1,
  });
}

const always = { fromMs: 0, untilMs: Infinity };
const every20Ms = { kind: "constant", ratePerSecond: 50 } as const;

describe("simulate()", () => {
  test("runs every request that is sent before the end, each for its time", () => {
    const { engineLog, record } = simulateFifo([aLoad({ tenant: "a", demand: every20Ms })]);
    expect(engineLog).toHaveLength(49);
    expect(engineLog[0]).toEqual({ startMs: 20, endMs: 30, parts: [{ tenant: "a", costMs: 10 }] });
    expect(new Set(record("a").latenciesMs(always))).toEqual(new Set([10]));
  });

  test("keeps a backlog waiting while its load goes on, and serves it to the end", () => {
    const demand = { kind: "backlog", waiting: 3 } as const;
    const { engineLog, record } = simulateFifo([aLoad({ tenant: "a", demand, fromMs: 100, untilMs: 500 })]);
    expect(record("a").isBackloggedThrough({ fromMs: 100, untilMs: 500 })).toBe(true);
    expect(engineLog[0]?.startMs).toBe(100);
    expect(engineLog.at(-1)?.endMs).toBe(530);
  });

  test("adds the way from the gateway to the latency", () => {
    const { record } = simulateFifo([aLoad({ tenant: "a", demand: every20Ms, entryDelayMs: 3 })]);
    expect(record("a").arrivalsMs[0]).toBe(23);
    expect(record("a").latenciesMs(always)[0]).toBe(13);
  });

  test("drops requests whose deadline passes while they wait, and counts answers on time", () => {
    const demand = { kind: "constant", ratePerSecond: 200 } as const;
    const { record } = simulateFifo([aLoad({ tenant: "a", demand, timeoutMs: 35 })]);
    const { arrivalsMs, answerCount, onTimeCount, latenciesMs } = record("a");
    expect(answerCount).toBeLessThan(0.6 * arrivalsMs.length);
    expect(onTimeCount).toBeGreaterThan(0);
    expect(onTimeCount).toBeLessThan(answerCount);
    expect(Math.max(...latenciesMs(always))).toBeLessThan(45);
  });

  test("gives the same outcome for the same experiment", () => {
    const loads = [
      aLoad({ tenant: "a", demand: { kind: "poisson", ratePerSecond: 60 }, cost: { mean: 1, cv: 1 } }),
      aLoad({ tenant: "b", demand: { kind: "gamma", ratePerSecond: 30, cv: 3 } }),
    ];
    expect(simulateFifo(loads).engineLog).toEqual(simulateFifo(loads).engineLog);
  });
});
