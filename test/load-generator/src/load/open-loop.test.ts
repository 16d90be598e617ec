import { InferenceError } from "@sluice/protocol";
import { createFakeClock, type FakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createGaps, type Arrivals } from "../arrivals/arrivals.ts";
import { createRandom } from "../arrivals/random.ts";
import { runOpenLoop, type OpenLoopOptions } from "./open-loop.ts";
import type { LoadRecord } from "./recorder.ts";
import { summarize } from "./summary.ts";
import type { Target } from "./target.ts";

/** Answers every call with its input after a time of the fake clock. */
function answeringAfter(clock: FakeClock, delayMs: number): Target<number, number> {
  return {
    async call(input) {
      await clock.sleep(delayMs);
      return input;
    },
  };
}

interface Run {
  readonly clock: FakeClock;
  readonly targets: readonly Target<number, number>[];
  readonly arrivals: Arrivals;
  readonly options?: Partial<OpenLoopOptions<number, number>>;
}

/** Runs a window of one second to its end. */
async function run({ clock, targets, arrivals, options = {} }: Run): Promise<LoadRecord> {
  const running = runOpenLoop(targets, {
    inputs: [1, 2, 3],
    isRight: (input, answer) => input === answer,
    nextGapMs: createGaps(arrivals, createRandom(1, 0)),
    windowMs: 1000,
    mostOutstanding: 100,
    clock,
    ...options,
  });
  await clock.advance(10_000);
  expect(clock.pending).toBe(0);
  return running;
}

describe("runOpenLoop()", () => {
  test("sends when calls are due, whatever becomes of those before", async () => {
    const clock = createFakeClock();
    const startMs = clock.monotonicMs();
    const sentAtMs: number[] = [];
    const target: Target<number, number> = {
      call(input) {
        sentAtMs.push(clock.monotonicMs() - startMs);
        return clock.sleep(700).then(() => input);
      },
    };
    const record = await run({ clock, targets: [target], arrivals: { kind: "constant", ratePerSecond: 5 } });
    expect(sentAtMs).toEqual([200, 400, 600, 800]);
    expect(record).toMatchObject({ seconds: 1, completedCount: 4, errors: {} });
    expect(Math.round(summarize([record]).p50Ms)).toBe(700);
  });

  test("sends what is due at one moment in one tick, over the connections in turn", async () => {
    const clock = createFakeClock();
    const calls: string[] = [];
    const named = (name: string): Target<number, number> => ({
      call(input) {
        calls.push(`${name}${input}`);
        // Nothing of another tick can come between calls of one.
        queueMicrotask(() => calls.push("tick"));
        return Promise.resolve(input);
      },
    });
    const arrivals: Arrivals = { kind: "replay", offsetsMs: [10, 10, 10] };
    await run({ clock, targets: [named("a"), named("b")], arrivals });
    expect(calls).toEqual(["a1", "b2", "a3", "tick", "tick", "tick"]);
  });

  test("counts latency from when a call was due, also where it could be sent only later", async () => {
    const clock = createFakeClock();
    // A process that is busy: its timers fire 50 ms late.
    const late: FakeClock = {
      ...clock,
      schedule: (delayMs, callback) => clock.schedule(delayMs + 50, callback),
    };
    const record = await run({
      clock,
      targets: [answeringAfter(clock, 20)],
      arrivals: { kind: "replay", offsetsMs: [100] },
      options: { clock: late },
    });
    const summary = summarize([record]);
    expect(summary.p50Ms).toBeCloseTo(70, 0);
    expect(summary.lagP50Ms).toBeCloseTo(50, 0);
  });

  test("keeps no more calls open than it may and counts the others as errors", async () => {
    const clock = createFakeClock();
    const record = await run({
      clock,
      targets: [answeringAfter(clock, 5000)],
      arrivals: { kind: "constant", ratePerSecond: 10 },
      options: { mostOutstanding: 4 },
    });
    expect(record).toMatchObject({ completedCount: 4, errors: { notSent: 5 } });
  });

  test("counts failures by their code and wrong answers", async () => {
    const clock = createFakeClock();
    let count = 0;
    const target: Target<number, number> = {
      call() {
        count += 1;
        if (count === 2) return Promise.reject(new InferenceError("unavailable", "draining"));
        if (count === 3) return Promise.reject(new Error("connection lost"));
        return Promise.resolve(99);
      },
    };
    const record = await run({
      clock,
      targets: [target],
      arrivals: { kind: "replay", offsetsMs: [1, 2, 3, 4] },
    });
    expect(record.errors).toEqual({ wrongAnswer: 1, unavailable: 1, internal: 1 });
    expect(record.completedCount).toBe(1);
  });

  test("ends when the last call has, though none is due any more", async () => {
    const clock = createFakeClock();
    const arrivals: Arrivals = { kind: "replay", offsetsMs: [] };
    expect(await run({ clock, targets: [answeringAfter(clock, 1)], arrivals })).toMatchObject({
      completedCount: 0,
    });
  });
});
