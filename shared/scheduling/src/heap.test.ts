import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHeap } from "./heap.ts";

describe("createHeap()", () => {
  test("names its first values in order, and keeps them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer(), { maxLength: 60, size: "max" }),
        fc.nat({ max: 70 }),
        (values, count) => {
          const heap = createHeap<number>((value) => value);
          for (const value of values) heap.push(value);
          const isEven = (value: number): boolean => value % 2 === 0;
          const sorted = values.toSorted((a, b) => a - b);
          expect(heap.first(count, isEven)).toEqual(sorted.filter(isEven).slice(0, count));
          const left = Array.from({ length: heap.size }, () => heap.pop());
          expect(left).toEqual(sorted);
        },
      ),
    );
  });
});
