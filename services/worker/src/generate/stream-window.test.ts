import { describe, expect, test } from "vitest";

import { createStreamWindow } from "./stream-window.ts";

const never = new AbortController().signal;

describe("createStreamWindow()", () => {
  test("allows the frames below its limit", () => {
    const window = createStreamWindow(2);
    expect([0, 1, 2].map((frame) => window.allows(frame))).toEqual([true, true, false]);
  });

  test("opens for who waits, and never closes again", async () => {
    const window = createStreamWindow(1);
    const waiting = window.waitFor(5, never);
    window.allow(6);
    await waiting;
    window.allow(2);
    expect(window.allows(5)).toBe(true);
  });

  test("lets who waits leave with the reason of the signal", async () => {
    const leaving = new AbortController();
    const waiting = createStreamWindow(1).waitFor(1, leaving.signal);
    leaving.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});
