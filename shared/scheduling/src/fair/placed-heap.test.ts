import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PlacedHeap, type Placed } from "./placed-heap.ts";

interface Value extends Placed {
  readonly name: number;
  rank: number;
  tie: number;
}

const aStep = fc.record({
  kind: fc.constantFrom("push", "push", "update", "remove", "lower"),
  pick: fc.nat(),
  rank: fc.integer({ min: 0, max: 5 }),
  tie: fc.integer({ min: 0, max: 1000 }),
});

describe("PlacedHeap", () => {
  test("has the lowest first, and knows where everybody stands, under any sequence of calls", () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 200, size: "max" }), (steps) => {
        const heap = new PlacedHeap<Value>();
        let values: Value[] = [];
        steps.forEach(({ kind, pick, rank, tie }, name) => {
          const picked = values[pick % Math.max(1, values.length)];
          if (kind === "push") {
            const value = { name, rank, tie, place: -1 };
            values.push(value);
            heap.push(value, rank, tie);
          } else if (kind === "lower") {
            for (const value of values) value.rank -= rank;
            heap.lower(rank);
          } else if (picked !== undefined && kind === "update") {
            Object.assign(picked, { rank, tie });
            heap.update(picked, rank, tie);
          } else if (picked !== undefined) {
            values = values.filter((value) => value !== picked);
            heap.remove(picked);
            expect(picked.place).toBe(-1);
          }
          const [first] = values.toSorted((a, b) => a.rank - b.rank || a.tie - b.tie);
          expect([heap.peek()?.rank, heap.peek()?.tie]).toEqual([first?.rank, first?.tie]);
          expect(heap.size).toBe(values.length);
        });
        const places = values.map(({ place }) => place);
        expect(places).not.toContain(-1);
        expect(new Set(places).size).toBe(places.length);
        const order: Value[] = [];
        for (let first = heap.peek(); first !== undefined; first = heap.peek()) {
          order.push(first);
          heap.remove(first);
        }
        const ranksOf = (list: readonly Value[]): number[][] => list.map((value) => [value.rank, value.tie]);
        expect(ranksOf(order)).toEqual(ranksOf(values.toSorted((a, b) => a.rank - b.rank || a.tie - b.tie)));
      }),
    );
  });
});
