import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plannedTimeoutMs } from "./planned-timeout.ts";
import type { TimeoutPart } from "./recent-timeouts.ts";
import { runLengths } from "./run-lengths.ts";

/** 5 ms for a run and 1 ms for each item, on 4 workers; batches of 12 items cost an item a quarter more than those of 32. */
const profile = { curve: { fixedMs: 5, perElementMs: 1, perPairMs: 0 }, margin: 1, drift: 1 };
const lengths = runLengths(profile, {
  length: 1,
  maxItems: 32,
  workerCount: 4,
  neededCount: 0,
  overheadMs: 0.5,
});

/** A run of one item takes 6 ms. */
function allowing(timeoutMs: number, part: number): TimeoutPart {
  return { timeoutMs, leftMs: timeoutMs - 6, part };
}

/** What is planned for where a part of the requests allows `hurriedMs`, and the others 50 ms. */
function planned(hurriedMs: number, part: number): number {
  return plannedTimeoutMs([allowing(hurriedMs, part), allowing(50, 1 - part)], lengths);
}

describe("plannedTimeoutMs()", () => {
  test("is Infinity where nothing is known", () => {
    expect(plannedTimeoutMs([], lengths)).toBe(Infinity);
  });

  test("is the shortest where batches that suit it are as good as longer ones", () => {
    expect(planned(48, 0.001)).toBe(48);
  });

  test("is the shortest where nobody is in time whatever is planned for", () => {
    expect(plannedTimeoutMs([allowing(5, 1)], lengths)).toBe(5);
  });

  test.each([
    { hurriedMs: 10, part: 0.02, expected: 50 },
    { hurriedMs: 20, part: 0.02, expected: 50 },
    { hurriedMs: 30, part: 0.02, expected: 50 },
    { hurriedMs: 15, part: 0.9, expected: 50 },
    { hurriedMs: 10, part: 0.99, expected: 10 },
    { hurriedMs: 10, part: 1, expected: 10 },
  ])(
    "weighs what it brings against what it costs: $hurriedMs ms of $part of all: $expected",
    ({ hurriedMs, part, expected }) => {
      expect(planned(hurriedMs, part)).toBe(expected);
    },
  );

  test("counts those of another model whose own runs are short, and which wait for batches of this one", () => {
    const hurried = { timeoutMs: 5, leftMs: 4.8, part: 0.9 };
    expect(plannedTimeoutMs([hurried, allowing(50, 0.1)], lengths)).toBe(5);
    expect(plannedTimeoutMs([{ ...hurried, part: 0.1 }, allowing(50, 0.9)], lengths)).toBe(50);
  });

  test("is one of the timeouts, and none for which more than it brings is lost", () => {
    const someTimeouts = fc.uniqueArray(fc.integer({ min: 7, max: 300 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        someTimeouts,
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 8 }),
        (all, counts) => {
          const sum = all.reduce((total, _, index) => total + (counts[index] ?? 1), 0);
          const timeouts = all
            .toSorted((a, b) => a - b)
            .map((timeoutMs, index) => allowing(timeoutMs, (counts[index] ?? 1) / sum));
          const inTimePerMs = (plannedMs: number): number => {
            const runMs = Math.max(lengths.leastMs, lengths.wantedMs(plannedMs));
            const served = timeouts.map(({ timeoutMs, leftMs, part }) =>
              lengths.wantedMs(timeoutMs) >= runMs ? part : part * lengths.inTimePart(leftMs, runMs),
            );
            return lengths.itemsPerMs(runMs) * served.reduce((total, part) => total + part, 0);
          };
          const plannedMs = plannedTimeoutMs(timeouts, lengths);
          expect(all).toContain(plannedMs);
          for (const other of all)
            expect(inTimePerMs(other)).toBeLessThanOrEqual(inTimePerMs(plannedMs) + 1e-9);
        },
      ),
    );
  });
});
