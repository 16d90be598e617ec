import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLiveHeap } from "./live-heap.ts";

interface Value {
  readonly rank: number;
  isLive: boolean;
}

describe("createLiveHeap()", () => {
  const createNamed = () =>
    createLiveHeap<Value>({ rank: ({ rank }) => rank, isLive: (value) => value.isLive });

  test("gives those that have not gone in order, whoever goes meanwhile and whenever it is swept", () => {
    const aStep = fc.oneof(
      fc.record({ kind: fc.constant("push" as const), rank: fc.integer() }),
      fc.record({ kind: fc.constant("go" as const), index: fc.nat() }),
      fc.record({ kind: fc.constant("pop" as const) }),
    );
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 300, size: "max" }), (steps) => {
        const heap = createNamed();
        let live: Value[] = [];
        for (const step of steps) {
          if (step.kind === "push") {
            const value = { rank: step.rank, isLive: true };
            heap.push(value);
            live.push(value);
          } else if (step.kind === "go" && live.length > 0) {
            const [gone] = live.splice(step.index % live.length, 1);
            if (gone !== undefined) gone.isLive = false;
            heap.sweep(live.length);
          } else {
            const taken = heap.pop();
            expect(taken?.rank).toBe(
              live.length === 0 ? undefined : Math.min(...live.map(({ rank }) => rank)),
            );
            live = live.filter((value) => value !== taken);
          }
          expect(heap.first(3, () => true).map(({ rank }) => rank)).toEqual(
            live
              .map(({ rank }) => rank)
              .toSorted((a, b) => a - b)
              .slice(0, 3),
          );
        }
      }),
    );
  });

  test("forgets what has gone behind one that stays", () => {
    let lookedAt = 0;
    const heap = createLiveHeap<Value>({
      rank: ({ rank }) => rank,
      isLive: (value) => {
        lookedAt += 1;
        return value.isLive;
      },
    });
    heap.push({ rank: 0, isLive: true });
    for (let rank = 1; rank <= 1000; rank++) {
      const value = { rank, isLive: true };
      heap.push(value);
      value.isLive = false;
      heap.sweep(1);
    }
    lookedAt = 0;
    expect(heap.first(1000, () => true)).toHaveLength(1);
    expect(lookedAt).toBeLessThan(100);
  });
});
