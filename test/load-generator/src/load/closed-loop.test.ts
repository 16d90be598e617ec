import { InferenceError } from "@sluice/protocol";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { runClosedLoop } from "./closed-loop.ts";
import { summarize } from "./summary.ts";
import type { Target } from "./target.ts";

const payloads = { inputs: [1, 2, 3], isRight: (input: number, answer: number) => input === answer };

describe("runClosedLoop()", () => {
  test("keeps so many calls open on every connection until the window ends", async () => {
    const clock = createFakeClock();
    let openCount = 0;
    let mostOpen = 0;
    const target: Target<number, number> = {
      async call(input) {
        mostOpen = Math.max(mostOpen, ++openCount);
        await clock.sleep(10);
        openCount -= 1;
        return input;
      },
    };
    const running = runClosedLoop([target, target], {
      ...payloads,
      outstandingPerConnection: 4,
      windowMs: 1000,
      clock,
    });
    await clock.advance(2000);
    const record = await running;
    expect(mostOpen).toBe(8);
    expect(record).toMatchObject({ seconds: 1, completedCount: 800, errors: {} });
    expect(summarize([record]).requestsPerSecond).toBe(800);
    expect(summarize([record]).p999Ms).toBeCloseTo(10, 1);
    expect(clock.pending).toBe(0);
  });

  test("counts failures by their code, wrong answers as such, and goes on", async () => {
    const clock = createFakeClock();
    let count = 0;
    const target: Target<number, number> = {
      async call(input) {
        count += 1;
        if (count <= 3) throw new InferenceError("unavailable", "draining");
        await clock.sleep(100);
        return count === 4 ? 99 : input;
      },
    };
    const running = runClosedLoop([target], {
      ...payloads,
      outstandingPerConnection: 1,
      windowMs: 500,
      clock,
    });
    await clock.advance(1000);
    expect(await running).toMatchObject({ completedCount: 4, errors: { unavailable: 3, wrongAnswer: 1 } });
  });

  test("refuses to send nothing", async () => {
    const options = {
      ...payloads,
      inputs: [],
      outstandingPerConnection: 1,
      windowMs: 1,
      clock: createFakeClock(),
    };
    await expect(runClosedLoop([], options)).rejects.toThrow("at least one input");
  });
});
