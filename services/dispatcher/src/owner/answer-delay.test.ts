import { describe, expect, test } from "vitest";
import { createAnswerDelay } from "./answer-delay.ts";

function afterDelays(...delaysMs: readonly number[]): number {
  const delay = createAnswerDelay();
  for (const delayMs of delaysMs) delay.note(delayMs);
  return delay.ms();
}

const times = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);

describe("createAnswerDelay()", () => {
  test("is two milliseconds while little is known", () => {
    expect(afterDelays()).toBe(2);
    expect(afterDelays(...times(7, 9))).toBe(2);
  });

  test("covers nineteen of twenty of the last batches", () => {
    expect(afterDelays(...times(60, 4), ...times(4, 7))).toBe(7);
    expect(afterDelays(...times(62, 4), ...times(2, 7))).toBe(4);
    expect(afterDelays(...times(64, 9), ...times(64, 3))).toBe(3);
  });

  test("plans for no stall", () => {
    expect(afterDelays(...times(44, 1), ...times(20, 900))).toBe(5);
  });

  test("counts a batch that took less than its run as none", () => {
    expect(afterDelays(...times(8, -3))).toBe(0);
  });
});
