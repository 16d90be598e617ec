import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestsToGiveUp, type RolloutOptions } from "./rollout.ts";

/** A worker is free at 0; a run takes 5 ms and 1 ms for each request. */
function someOptions(fields: Partial<RolloutOptions> = {}): RolloutOptions {
  return {
    deadlinesMs: [],
    freeAtMs: [0],
    fixedMs: 5,
    perRequestMs: 1,
    overheadMs: 0,
    mostRequests: 32,
    arrivals: undefined,
    ...fields,
  };
}

function times(count: number, ms: number): number[] {
  return Array.from({ length: count }, () => ms);
}

/** Requests that are lost by the policy that the rollout improves, after the first are given up. Plain, to check against. */
function lostByGreed({ deadlinesMs, freeAtMs, mostRequests }: RolloutOptions, givenUp: number): number {
  const free = [...freeAtMs];
  const waiting = deadlinesMs.slice(givenUp);
  let lost = givenUp;
  while (waiting.length > 0) {
    free.sort((a, b) => a - b);
    const startMs = free.shift() ?? 0;
    const [first] = waiting;
    let count = Math.min(mostRequests, waiting.length);
    while (count > 0 && startMs + 5 + count > (first ?? 0)) count -= 1;
    if (count === 0) {
      waiting.shift();
      lost += 1;
      free.push(startMs);
    } else {
      waiting.splice(0, count);
      free.push(startMs + 5 + count);
    }
  }
  return lost;
}

describe("requestsToGiveUp()", () => {
  test("gives up nobody where all can be in time", () => {
    expect(requestsToGiveUp(someOptions({ deadlinesMs: [...times(3, 10), ...times(20, 50)] }))).toBe(0);
  });

  test("gives up the few in whose way a large batch would be", () => {
    expect(requestsToGiveUp(someOptions({ deadlinesMs: [6, 6, ...times(30, 36)] }))).toBe(2);
  });

  test("keeps them where another worker has the time", () => {
    expect(requestsToGiveUp(someOptions({ deadlinesMs: [7, 7, ...times(30, 36)], freeAtMs: [0, 1] }))).toBe(
      0,
    );
  });

  test("counts what passes between the end of a run and the callers having their answers", () => {
    const deadlinesMs = [10, ...times(25, 36)];
    expect(requestsToGiveUp(someOptions({ deadlinesMs, mostRequests: 25 }))).toBe(0);
    expect(requestsToGiveUp(someOptions({ deadlinesMs, mostRequests: 25, overheadMs: 4 }))).toBe(1);
  });

  test("thinks of those to come", () => {
    const deadlinesMs = [...times(2, 7), ...times(8, 40)];
    const arrivals = { nowMs: 0, gapMs: 1.25, timeoutMs: 30 };
    expect(requestsToGiveUp(someOptions({ deadlinesMs }))).toBe(0);
    expect(requestsToGiveUp(someOptions({ deadlinesMs, arrivals }))).toBe(2);
  });

  test("loses no more than the policy that it improves, whatever waits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 80, size: "max" }),
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 16 }),
        (deadlines, freeAtMs, mostRequests) => {
          const deadlinesMs = deadlines.sort((a, b) => a - b);
          const options = someOptions({ deadlinesMs, freeAtMs, mostRequests });
          const count = requestsToGiveUp(options);
          expect(count).toBeLessThan(Math.max(1, deadlines.length));
          const lost = lostByGreed(options, count);
          if (count > 0) expect(lost).toBeLessThan(lostByGreed(options, 0));
        },
      ),
    );
  });
});
