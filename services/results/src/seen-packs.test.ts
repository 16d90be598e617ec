import { describe, expect, test } from "vitest";
import { createSeenPacks } from "./seen-packs.ts";

const worker = "w1";

describe("createSeenPacks()", () => {
  test.each([
    ["worker", { worker: "w2", packId: "a" }],
    ["id", { worker, packId: "b" }],
  ])("tells packs apart that differ in their %s", (_field, other) => {
    const seen = createSeenPacks();
    expect(seen.add({ worker, packId: "a" }, 0)).toBe(true);
    expect(seen.add(other, 0)).toBe(true);
    expect(seen.add({ worker, packId: "a" }, 0)).toBe(false);
    expect(seen.add(other, 0)).toBe(false);
  });

  test("takes every pack without id", () => {
    const seen = createSeenPacks();
    expect(seen.add({ worker, packId: "" }, 0)).toBe(true);
    expect(seen.add({ worker, packId: "" }, 0)).toBe(true);
  });

  test("remembers at least one generation and forgets after two, by age", () => {
    const seen = createSeenPacks({ maxAgeMs: 10 });
    seen.add({ worker, packId: "a" }, 0);
    seen.add({ worker, packId: "b" }, 9);
    expect(seen.add({ worker, packId: "b" }, 10)).toBe(false);
    expect(seen.add({ worker, packId: "b" }, 19)).toBe(false);
    expect(seen.add({ worker, packId: "b" }, 20)).toBe(true);
  });

  test("holds at most two generations, by number", () => {
    const seen = createSeenPacks({ maxEntries: 2 });
    for (const packId of ["a", "b", "c", "d"]) seen.add({ worker, packId }, 0);
    expect(seen.add({ worker, packId: "b" }, 0)).toBe(true);
    expect(seen.add({ worker, packId: "d" }, 0)).toBe(false);
  });

  test("takes a pack again that was forgotten", () => {
    const seen = createSeenPacks();
    seen.add({ worker, packId: "a" }, 0);
    seen.forget({ worker, packId: "a" });
    expect(seen.add({ worker, packId: "a" }, 0)).toBe(true);
    seen.clear();
    expect(seen.add({ worker, packId: "a" }, 0)).toBe(true);
  });
});
