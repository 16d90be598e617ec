import { describe, expect, test } from "vitest";
import { createRecentTimeouts } from "./recent-timeouts.ts";

describe("createRecentTimeouts()", () => {
  test("tells the parts of the requests that allow about the same, the shortest first", () => {
    const timeouts = createRecentTimeouts();
    expect(timeouts.parts(0)).toEqual([]);
    for (const timeoutMs of [50, 200, 49, 51, Infinity]) timeouts.note({ timeoutMs, aloneMs: 10 }, 0);
    expect(timeouts.parts(4000)).toEqual([
      { timeoutMs: 49, leftMs: 40, part: 0.6 },
      { timeoutMs: 200, leftMs: 190, part: 0.2 },
      { timeoutMs: Infinity, leftMs: Infinity, part: 0.2 },
    ]);
  });

  test("forgets a request after five to ten seconds", () => {
    const timeouts = createRecentTimeouts();
    timeouts.note({ timeoutMs: 10, aloneMs: 1 }, 0);
    timeouts.note({ timeoutMs: 20, aloneMs: 1 }, 6000);
    expect(timeouts.parts(9999)).toEqual([
      { timeoutMs: 10, leftMs: 9, part: 0.5 },
      { timeoutMs: 20, leftMs: 19, part: 0.5 },
    ]);
    expect(timeouts.parts(12_000)).toEqual([{ timeoutMs: 20, leftMs: 19, part: 1 }]);
    expect(timeouts.parts(60_000)).toEqual([]);
  });
});
