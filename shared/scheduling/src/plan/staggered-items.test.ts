import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { staggeredItems } from "./staggered-items.ts";

/** As of an engine that takes 5 ms and 1 ms for each item, up to 8: 13 ms. */
const full = { leastItems: 5, mostItems: 8, runMs: (items: number) => 5 + items };

describe("staggeredItems()", () => {
  test.each([
    { name: "nothing else runs", othersFreeInMs: [], items: 8 },
    { name: "the other ends half a run later", othersFreeInMs: [6.5], items: 8 },
    { name: "the other ends at the same time", othersFreeInMs: [13], items: 5 },
    { name: "the other ends a little earlier", othersFreeInMs: [12.5], items: 5 },
    {
      name: "one ends at the same time, one a little before the smallest",
      othersFreeInMs: [13, 9],
      items: 6,
    },
    { name: "smaller ones end nearer to others", othersFreeInMs: [13.1, 12, 11, 10], items: 8 },
    { name: "so many run that one ends soon", othersFreeInMs: Array<number>(8).fill(13), items: 8 },
  ])("gives $items of 8 items where $name", ({ othersFreeInMs, items }) => {
    expect(staggeredItems({ ...full, othersFreeInMs })).toBe(items);
  });

  test("never brings an end nearer to another, whatever runs", () => {
    const someMs = fc.double({ min: 0, max: 30, noNaN: true });
    fc.assert(
      fc.property(fc.array(someMs, { minLength: 1, maxLength: 10 }), (othersFreeInMs) => {
        const items = staggeredItems({ ...full, othersFreeInMs });
        const distanceMs = (count: number): number =>
          Math.min(...othersFreeInMs.map((otherMs) => Math.abs(otherMs - full.runMs(count))));
        expect(distanceMs(items)).toBeGreaterThanOrEqual(distanceMs(full.mostItems));
        expect(items).toBeGreaterThanOrEqual(full.leastItems);
        expect(items).toBeLessThanOrEqual(full.mostItems);
      }),
    );
  });
});
