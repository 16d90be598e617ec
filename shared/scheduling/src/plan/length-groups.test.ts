import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { curveMs, type RunShape } from "../latency/latency-curve.ts";
import { groupByLength } from "./length-groups.ts";

/** A run costs as much as 20 elements. */
const curve = { fixedMs: 20, perElementMs: 1, perPairMs: 0 };
const runMs = (shape: RunShape): number => curveMs(curve, shape);

const unbounded = { maxTokens: Infinity };

function rows(...lengths: number[]): RunShape[] {
  return lengths.map((length) => ({ items: 1, length }));
}

function lengthsOf(groups: readonly (readonly RunShape[])[]): number[][] {
  return groups.map((group) => group.map(({ length }) => length));
}

function totalMs(groups: readonly (readonly RunShape[])[]): number {
  return groups.reduce((total, group) => total + runMs(shapeOf(group)), 0);
}

function shapeOf(group: readonly RunShape[]): RunShape {
  const items = group.reduce((sum, member) => sum + member.items, 0);
  return { items, length: Math.max(...group.map(({ length }) => length)) };
}

/** Every way to cut a list into runs of neighbours. */
function allCuts<T>(list: readonly T[]): T[][][] {
  if (list.length === 0) return [[]];
  return list.flatMap((_, index) =>
    allCuts(list.slice(index + 1)).map((rest) => [list.slice(0, index + 1), ...rest]),
  );
}

const member = fc.record({ items: fc.integer({ min: 1, max: 6 }), length: fc.integer({ min: 1, max: 60 }) });

describe("groupByLength()", () => {
  test("keeps lengths together whose padding costs less than another run", () => {
    expect(lengthsOf(groupByLength(rows(20, 25, 19, 22), { ...unbounded, maxItems: 8, runMs }))).toEqual([
      [19, 20, 22, 25],
    ]);
  });

  test("keeps a long row apart from many short ones", () => {
    const groups = groupByLength(rows(90, 10, 10, 10), { ...unbounded, maxItems: 8, runMs });
    expect(lengthsOf(groups)).toEqual([[10, 10, 10], [90]]);
  });

  test("pads where a run is dear", () => {
    const dear = (shape: RunShape): number => curveMs({ ...curve, fixedMs: 1000 }, shape);
    expect(lengthsOf(groupByLength(rows(90, 10, 10), { ...unbounded, maxItems: 8, runMs: dear }))).toEqual([
      [10, 10, 90],
    ]);
  });

  test("cuts no member, and lets one that is too large stand alone", () => {
    const large = { items: 9, length: 10 };
    const small = { items: 3, length: 10 };
    expect(groupByLength([large, small, small], { ...unbounded, maxItems: 8, runMs })).toEqual([
      [large],
      [small, small],
    ]);
  });

  test("keeps the order among members of one length", () => {
    const members = [3, 1, 2].map((id) => ({ id, items: 1, length: 5 }));
    expect(groupByLength(members, { ...unbounded, maxItems: 2, runMs }).flat()).toEqual(members);
  });

  test("has no group where there is no member", () => {
    expect(groupByLength([], { ...unbounded, maxItems: 8, runMs })).toEqual([]);
  });

  test("takes the least time of all ways to cut the sorted members", () => {
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 8 }),
        fc.integer({ min: 1, max: 12 }),
        fc.oneof(fc.constant(Infinity), fc.integer({ min: 1, max: 400 })),
        (members, maxItems, maxTokens) => {
          const isAllowed = (group: readonly RunShape[]): boolean => {
            const { items, length } = shapeOf(group);
            return group.length === 1 || (items <= maxItems && items * length <= maxTokens);
          };
          const groups = groupByLength(members, { maxItems, maxTokens, runMs });
          const sorted = [...members].sort((a, b) => a.length - b.length);
          const allowed = allCuts(sorted).filter((cut) => cut.every(isAllowed));
          expect(groups.flat()).toEqual(sorted);
          expect(groups.every(isAllowed)).toBe(true);
          expect(totalMs(groups)).toBeCloseTo(Math.min(...allowed.map(totalMs)), 6);
        },
      ),
    );
  });
});
