import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { loopDelaySeconds, loopResolutionMs } from "./loop-delay.ts";
import { systemClock } from "./system-clock.ts";

describe("loopDelaySeconds()", () => {
  test.each([
    { intervalMs: 20, seconds: 0 },
    { intervalMs: 19.5, seconds: 0 },
    { intervalMs: 21.5, seconds: 0.0015 },
    { intervalMs: 320, seconds: 0.3 },
    { intervalMs: NaN, seconds: 0 },
  ])("of $intervalMs ms between two looks is $seconds s", ({ intervalMs, seconds }) => {
    expect(loopDelaySeconds(intervalMs * 1e6)).toBeCloseTo(seconds, 9);
  });

  test("goes by a histogram that holds no less than the interval, even of a loop that is never late", async () => {
    const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
    delay.enable();
    while (delay.count < 5) await systemClock.sleep(loopResolutionMs);
    delay.disable();
    // A timer may fire up to a millisecond early.
    expect(delay.mean / 1e6).toBeGreaterThanOrEqual(loopResolutionMs - 1);
  });
});
