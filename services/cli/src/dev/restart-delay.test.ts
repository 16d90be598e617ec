import { describe, expect, test } from "vitest";
import { restartDelayMs } from "./restart-delay.ts";

describe("restartDelayMs", () => {
  test("doubles with every ending of the last minute, up to 4 s, and gives up after the fifth restart", () => {
    const endings = [0, 1, 2, 3, 4, 5];
    const delays = endings.map((_, index) => restartDelayMs(endings.slice(0, index + 1), 10));
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, undefined]);
  });

  test("forgets endings that are a minute old", () => {
    expect(restartDelayMs([0, 1, 2, 3, 4, 5, 60_005], 60_005)).toBe(250);
  });
});
