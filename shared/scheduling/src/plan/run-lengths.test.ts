import { describe, expect, test } from "vitest";
import { runLengths, type RunLengthOptions } from "./run-lengths.ts";

/** 5 ms for a run and 1 ms for each item of it. */
const profile = { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 };

function lengthsOf(fields: Partial<RunLengthOptions> = {}) {
  return runLengths(profile, {
    length: 1,
    maxItems: 32,
    workerCount: 1,
    neededCount: 0,
    overheadMs: 0,
    ...fields,
  });
}

describe("runLengths()", () => {
  test("leaves who comes when a batch starts the time for one of his own, whichever of the workers is free first", () => {
    expect(lengthsOf().wantedMs(60)).toBe(30);
    expect(lengthsOf({ workerCount: 3 }).wantedMs(60)).toBe(45);
    expect(lengthsOf().wantedMs(Infinity)).toBe(Infinity);
  });

  test("lets batches run longer where more comes than the workers can do: those who came last fill the next", () => {
    expect(lengthsOf({ neededCount: 1 }).wantedMs(60)).toBe(30);
    expect(lengthsOf({ neededCount: 2 }).wantedMs(60)).toBe(40);
    expect(lengthsOf({ neededCount: 4, workerCount: 3 }).wantedMs(60)).toBe(48);
    expect(lengthsOf({ neededCount: 0.5 }).wantedMs(60)).toBe(30);
    expect(lengthsOf({ neededCount: 2 }).wantedMs(Infinity)).toBe(Infinity);
  });

  test("lets nobody who comes alone be late for that", () => {
    expect(lengthsOf({ neededCount: 100, overheadMs: 4 }).wantedMs(60)).toBe(50);
    expect(lengthsOf({ neededCount: 100, overheadMs: 4 }).wantedMs(12)).toBe(6);
  });

  test("has batches as long as cost an item a quarter more than the largest, for whatever timeout", () => {
    expect(lengthsOf().leastMs).toBe(17);
  });

  test("tells what batches come to: more the longer they are, up to those that are worthwhile", () => {
    const { itemsPerMs } = lengthsOf();
    expect(itemsPerMs(15)).toBeCloseTo(10 / 15.25, 9);
    expect(itemsPerMs(25)).toBeCloseTo(20 / 25.25, 9);
    expect(itemsPerMs(1000)).toBe(itemsPerMs(Infinity));
    expect(itemsPerMs(Infinity)).toBeGreaterThan(itemsPerMs(30));
  });

  test("tells how many with little time meet a worker that is free early enough", () => {
    const { inTimePart } = lengthsOf({ workerCount: 2, overheadMs: 1 });
    expect(inTimePart(1, 20)).toBe(0);
    expect(inTimePart(6, 20)).toBeCloseTo(0.5, 9);
    expect(inTimePart(25, 20)).toBe(1);
    expect(inTimePart(6, 1000)).toBe(inTimePart(6, 37));
  });
});
