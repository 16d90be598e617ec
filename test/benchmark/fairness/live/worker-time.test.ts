import { describe, expect, test } from "vitest";
import type { EngineRun } from "../../../simulation/measure/engine-log.ts";
import { firstRunMs, spanOfWorkerTime } from "./worker-time.ts";

function aRun(tenant: string, startMs: number, endMs: number): EngineRun {
  return { startMs, endMs, parts: [{ tenant, costMs: endMs - startMs }] };
}

describe("firstRunMs()", () => {
  test("is the start of the earliest run that began no earlier than asked", () => {
    const log = [aRun("a", 10, 20), aRun("b", 5, 25), aRun("b", 30, 40)];
    expect(firstRunMs(log)).toBe(5);
    expect(firstRunMs(log, 11)).toBe(30);
    expect(firstRunMs([])).toBe(Infinity);
  });
});

describe("spanOfWorkerTime()", () => {
  const log = [aRun("a", 0, 100), aRun("b", 50, 150)];

  test("ends when the engines have run for so long together, those that run at the same time each for itself", () => {
    expect(spanOfWorkerTime(log, { fromMs: 0, workerMs: 150 })).toEqual({ fromMs: 0, untilMs: 100 });
    expect(spanOfWorkerTime(log, { fromMs: 60, workerMs: 100 })).toEqual({ fromMs: 60, untilMs: 120 });
  });

  test("is not known while they have not", () => {
    expect(spanOfWorkerTime(log, { fromMs: 0, workerMs: 201 })).toBeUndefined();
  });
});
