import { describe, expect, test } from "vitest";
import { createTransit } from "./transit.ts";

function afterTimes(...timesMs: readonly number[]): number {
  const transit = createTransit();
  for (const timeMs of timesMs) transit.note(timeMs);
  return transit.allowanceMs(1000);
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe("createTransit()", () => {
  test("allows nothing while little is known", () => {
    expect(afterTimes()).toBe(0);
    expect(afterTimes(...times(31, 40))).toBe(0);
  });

  test("allows the median of the last 64 answers", () => {
    expect(afterTimes(...times(20, 40), ...times(12, 2))).toBe(40);
    expect(afterTimes(...times(80, 40), ...times(16, 2))).toBe(40);
    expect(afterTimes(...times(80, 40), ...times(48, 2))).toBe(2);
  });

  test("counts an answer that came before its request was sent again as none", () => {
    expect(afterTimes(...times(32, -30))).toBe(0);
  });

  test("allows at most half of a timeout", () => {
    const transit = createTransit();
    for (const timeMs of times(64, 80)) transit.note(timeMs);
    expect(transit.allowanceMs(200)).toBe(80);
    expect(transit.allowanceMs(100)).toBe(50);
  });
});
