import { aFrame } from "@sluice/testing";
import { describe, expect, test } from "vitest";
import { createSeenFrames } from "./seen-frames.ts";

describe("createSeenFrames()", () => {
  test.each([
    ["reply", { reply: "_INBOX.caller.2" }],
    ["id", { id: "request-2" }],
    ["epoch", { epoch: 2 }],
    ["attempt", { attempt: 1 }],
    ["frame", { frame: 1 }],
  ])("tells frames apart that differ in %s", (_field, other) => {
    const seen = createSeenFrames();
    expect(seen.add(aFrame(), 0)).toBe(true);
    expect(seen.add(aFrame(other), 0)).toBe(true);
    expect(seen.add(aFrame(), 0)).toBe(false);
    expect(seen.add(aFrame(other), 0)).toBe(false);
  });

  test("remembers at least one generation and forgets after two, by age", () => {
    const seen = createSeenFrames({ maxAgeMs: 10 });
    seen.add(aFrame({ id: "a" }), 0);
    seen.add(aFrame({ id: "b" }), 9);
    expect(seen.add(aFrame({ id: "b" }), 10)).toBe(false);
    expect(seen.add(aFrame({ id: "b" }), 19)).toBe(false);
    expect(seen.add(aFrame({ id: "b" }), 20)).toBe(true);
  });

  test("holds at most two generations, by number", () => {
    const seen = createSeenFrames({ maxEntries: 2 });
    for (const id of ["a", "b", "c", "d"]) seen.add(aFrame({ id }), 0);
    expect(seen.add(aFrame({ id: "b" }), 0)).toBe(true);
    expect(seen.add(aFrame({ id: "d" }), 0)).toBe(false);
  });

  test("takes a frame again that was forgotten", () => {
    const seen = createSeenFrames();
    seen.add(aFrame(), 0);
    seen.forget(aFrame());
    expect(seen.add(aFrame(), 0)).toBe(true);
    seen.clear();
    expect(seen.add(aFrame(), 0)).toBe(true);
  });
});
