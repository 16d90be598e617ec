import { describe, expect, test } from "vitest";
import { createRecentCancels } from "./recent-cancels.ts";

describe("createRecentCancels()", () => {
  test("tells what was cancelled within the last minute, in that order", () => {
    const cancels = createRecentCancels();
    cancels.add("b", 0);
    cancels.add("a", 1000);
    expect(cancels.ids(59_999)).toEqual(["b", "a"]);
    expect(cancels.ids(60_000)).toEqual(["a"]);
    expect(cancels.ids(61_000)).toEqual([]);
  });

  test("forgets the first of more than 4096", () => {
    const cancels = createRecentCancels();
    for (let number = 0; number < 4098; number++) cancels.add(String(number), 0);
    const ids = cancels.ids(0);
    expect(ids).toHaveLength(4096);
    expect(ids[0]).toBe("2");
  });
});
