import { describe, expect, test } from "vitest";

import type { BatchesAhead } from "./batches-ahead.ts";
import { createBatchesAhead } from "./batches-ahead.ts";

function noteAll(ahead: BatchesAhead, ...costsMs: readonly number[]): number {
  for (const costMs of costsMs) ahead.note("m", costMs);
  return ahead.counts.get("m") ?? 0;
}

function times(count: number, costMs: number): number[] {
  return Array.from({ length: count }, () => costMs);
}

describe("createBatchesAhead()", () => {
  test("allows none before eight batches were seen", () => {
    const ahead = createBatchesAhead();
    expect(noteAll(ahead, ...times(7, 0.1))).toBe(0);
    expect(noteAll(ahead, 0.1)).toBe(10);
  });

  test.each([
    { costMs: 0.3, count: 3 },
    { costMs: 0.6, count: 1 },
    { costMs: 1, count: 1 },
    { costMs: 1.1, count: 0 },
    { costMs: 50, count: 0 },
  ])(
    "allows $count where a batch takes $costMs ms, since they have a millisecond together",
    ({ costMs, count }) => {
      expect(noteAll(createBatchesAhead(), ...times(8, costMs))).toBe(count);
    },
  );

  test("allows none while two of the last eight were long, and bears one", () => {
    const ahead = createBatchesAhead();
    expect(noteAll(ahead, ...times(8, 0.1), 5)).toBe(10);
    expect(noteAll(ahead, 5)).toBe(0);
    expect(noteAll(ahead, ...times(6, 0.1))).toBe(0);
    expect(noteAll(ahead, 0.1)).toBe(10);
  });

  test("does not go by batches that did not run", () => {
    expect(noteAll(createBatchesAhead(), ...times(8, 50), ...times(20, 0))).toBe(0);
  });

  test("keeps models apart", () => {
    const ahead = createBatchesAhead();
    for (let index = 0; index < 8; index++) {
      ahead.note("short", 0.5);
      ahead.note("long", 5);
    }
    expect([...ahead.counts]).toEqual([["short", 2]]);
  });
});
