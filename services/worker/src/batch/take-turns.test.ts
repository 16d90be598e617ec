import type { Clock } from "@sluice/runtime";
import { createFakeClock } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import { takeTurns } from "./take-turns.ts";

/** A clock on which work takes time. */
function aClock(): Clock & { work(durationMs: number): void } {
  const clock = createFakeClock();
  let workedMs = 0;
  return {
    ...clock,
    monotonicMs: () => clock.monotonicMs() + workedMs,
    work: (durationMs) => {
      workedMs += durationMs;
    },
  };
}

describe("takeTurns()", () => {
  test("lets what waits for the thread come before the next step once 10 ms have passed", async () => {
    const clock = aClock();
    const seen: string[] = [];
    function* steps(): Generator<void, string> {
      for (const name of ["a", "b", "c", "d"]) {
        seen.push(name);
        clock.work(5);
        yield;
      }
      return "end";
    }
    clock.afterRead(() => seen.push("message"));
    const taken = takeTurns(steps(), clock);
    expect(seen).toEqual(["a", "b"]);
    expect(await taken).toBe("end");
    expect(seen).toEqual(["a", "b", "message", "c", "d"]);
  });

  test("takes short steps in one go", () => {
    const seen: number[] = [];
    function* steps(): Generator<void, void> {
      for (let step = 0; step < 1000; step++) {
        seen.push(step);
        yield;
      }
    }
    void takeTurns(steps(), aClock());
    expect(seen).toHaveLength(1000);
  });

  test("fails as its steps do", async () => {
    const steps: Iterator<void, void> = {
      next: () => {
        throw new Error("broken");
      },
    };
    await expect(takeTurns(steps, aClock())).rejects.toThrow("broken");
  });
});
