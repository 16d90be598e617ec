import { describe, expect, test } from "vitest";
import { createFakeClock } from "./fake-clock.ts";

describe("createFakeClock()", () => {
  test("moves only when it is told", async () => {
    const clock = createFakeClock();
    const [wallMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    await clock.settle();
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([wallMs, monotonicMs]);
    await clock.advance(1.5);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([wallMs + 1.5, monotonicMs + 1.5]);
  });

  test("fires what falls due in the order of its time, each at its time", async () => {
    const clock = createFakeClock();
    const startMs = clock.monotonicMs();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${clock.monotonicMs() - startMs}`);
    clock.schedule(20, note("b"));
    clock.schedule(10, note("a"));
    clock.schedule(20, note("c"));
    clock.schedule(31, note("later"));
    await clock.advance(30);
    expect(seen).toEqual(["a at 10", "b at 20", "c at 20"]);
    expect(clock.pending).toBe(1);
  });

  test("lets promises run between two timers, so that chained sleeps keep their time", async () => {
    const clock = createFakeClock();
    const startMs = clock.monotonicMs();
    const wokenMs: number[] = [];
    const loop = async (): Promise<void> => {
      for (let count = 0; count < 4; count++) {
        await clock.sleep(10);
        wokenMs.push(clock.monotonicMs() - startMs);
      }
    };
    const looping = loop();
    await clock.advance(35);
    expect(wokenMs).toEqual([10, 20, 30]);
    await clock.advance(5);
    await looping;
    expect(clock.pending).toBe(0);
  });

  test("repeats an interval until it is disposed, from within its callback too", async () => {
    const clock = createFakeClock();
    let tickCount = 0;
    const every = clock.every(10, () => {
      tickCount++;
      if (tickCount === 3) every[Symbol.dispose]();
    });
    await clock.advance(100);
    expect(tickCount).toBe(3);
    expect(clock.pending).toBe(0);
  });

  test("forgets what is disposed, also twice", async () => {
    const clock = createFakeClock();
    let hasFired = false;
    const timer = clock.schedule(1, () => {
      hasFired = true;
    });
    const read = clock.afterRead(() => {
      hasFired = true;
    });
    for (const each of [timer, timer, read, read]) each[Symbol.dispose]();
    await clock.advance(10);
    expect(hasFired).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test("ends a sleep with its signal and keeps no timer for it", async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const sleep = clock.sleep(10, caller.signal);
    caller.abort(new Error("enough"));
    await expect(sleep).rejects.toThrow("enough");
    await expect(clock.sleep(10, caller.signal)).rejects.toThrow("enough");
    expect(clock.pending).toBe(0);
  });

  test("runs afterRead without time passing, and settles when none is left", async () => {
    const clock = createFakeClock();
    const seen: number[] = [];
    const read = (depth: number): void => {
      seen.push(depth);
      if (depth < 5) clock.afterRead(() => read(depth + 1));
    };
    clock.afterRead(() => read(1));
    expect(seen).toEqual([]);
    await clock.settle();
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });
});
