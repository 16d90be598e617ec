import { describe, expect, test } from "vitest";
import { createAnswerDelay, type AnswerDelay } from "./answer-delay.ts";

function afterDelays(...delaysMs: readonly number[]): number {
  const delay = createAnswerDelay();
  for (const delayMs of delaysMs) delay.note(delayMs);
  return delay.ms();
}

/** One whose batches all took 400 ms beside their runs. */
function delayAfterStall(): AnswerDelay {
  const delay = createAnswerDelay();
  for (const delayMs of times(64, 400)) delay.note(delayMs);
  return delay;
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

  test("halves with every 50 ms in which all is refused and no batch ends", () => {
    const delay = delayAfterStall();
    delay.refused(1000);
    delay.refused(1049);
    expect(delay.ms()).toBe(400);
    delay.refused(1050);
    expect(delay.ms()).toBe(200);
    delay.refused(1099);
    expect(delay.ms()).toBe(200);
    delay.refused(1100);
    expect(delay.ms()).toBe(100);
  });

  test("stays as it is where refusals lie beside batches that end", () => {
    const delay = delayAfterStall();
    for (let nowMs = 1000; nowMs < 2000; nowMs += 40) {
      delay.refused(nowMs);
      delay.note(400);
    }
    expect(delay.ms()).toBe(400);
  });

  test("grows again with what batches take", () => {
    const delay = delayAfterStall();
    for (let nowMs = 1000; nowMs <= 2000; nowMs += 50) delay.refused(nowMs);
    expect(delay.ms()).toBeLessThan(1);
    for (const delayMs of times(32, 40)) delay.note(delayMs);
    expect(delay.ms()).toBeCloseTo(2);
    for (const delayMs of times(32, 40)) delay.note(delayMs);
    expect(delay.ms()).toBe(40);
  });

  test("is not halved while nothing is known", () => {
    const delay = createAnswerDelay();
    for (let nowMs = 1000; nowMs <= 2000; nowMs += 50) delay.refused(nowMs);
    expect(delay.ms()).toBe(2);
  });
});
