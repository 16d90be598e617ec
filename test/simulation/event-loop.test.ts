import { describe, expect, test } from "vitest";
import { createEventLoop } from "./event-loop.ts";

describe("createEventLoop()", () => {
  test("lets events happen in the order of their times, each at its time", () => {
    const loop = createEventLoop();
    const seenMs: number[] = [];
    for (const timeMs of [30, 10, 20]) loop.at(timeMs, () => seenMs.push(loop.nowMs));
    loop.run();
    expect(seenMs).toEqual([10, 20, 30]);
  });

  test("goes on with what events bring about, at the same moment too", () => {
    const loop = createEventLoop();
    const seenMs: number[] = [];
    loop.at(10, () => {
      loop.at(10, () => seenMs.push(loop.nowMs));
      loop.at(15, () => seenMs.push(loop.nowMs));
    });
    loop.run();
    expect(seenMs).toEqual([10, 15]);
  });

  test("refuses what should have happened before", () => {
    const loop = createEventLoop();
    loop.at(10, () => expect(() => loop.at(9, () => undefined)).toThrow("too late"));
    expect(() => loop.at(Number.NaN, () => undefined)).toThrow("too late");
    loop.run();
    expect.assertions(2);
  });
});
