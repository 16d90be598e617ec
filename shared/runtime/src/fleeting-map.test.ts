import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { FleetingMap } from "./fleeting-map.ts";

describe("FleetingMap", () => {
  test("has what was set and not deleted, in the order in which it came", () => {
    const map = new FleetingMap<string, number>();
    map.set("a", 1);
    map.set("b", 2);
    map.set("c", 3);
    map.delete("b");
    map.delete("unknown");
    map.set("a", 4);
    expect(map.values()).toEqual([4, 3]);
    expect(map.size).toBe(2);
    expect([map.get("a"), map.get("b")]).toEqual([4, undefined]);
    expect([map.has("c"), map.has("b")]).toEqual([true, false]);
    map.clear();
    expect(map.values()).toEqual([]);
    expect(map.size).toBe(0);
  });

  test("tells all there was, whatever comes and goes while it is told", () => {
    const map = new FleetingMap<string, number>();
    map.set("a", 1);
    map.set("b", 2);
    const seen: number[] = [];
    for (const value of map.values()) {
      seen.push(value);
      map.delete("b");
      map.set("c", 3);
    }
    expect(seen).toEqual([1, 2]);
  });

  test("keeps nothing in memory that was deleted, though its own first table is old", () => {
    const map = new FleetingMap<number, unknown>();
    map.set(0, "first");
    // Moves the table to the old generation, so that only a full collection finds out that a copy has replaced it.
    for (let count = 0; count < 3; count++) collectYoung();
    const before = oldBytes();
    for (let key = 1; key <= 400; key++) {
      map.set(
        key,
        Array.from({ length: 1000 }, () => key),
      );
      map.delete(key - 1);
      collectYoung();
    }
    expect(oldBytes() - before).toBeLessThan(50 * arrayBytes);
  });
});

/** Of a thousand small numbers, at least. */
const arrayBytes = 4000;

setFlagsFromString("--expose-gc");
const gc: (options: { type: "minor" }) => void = runInNewContext("gc");

function collectYoung(): void {
  gc({ type: "minor" });
}

function oldBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space")?.space_used_size ?? 0;
}
