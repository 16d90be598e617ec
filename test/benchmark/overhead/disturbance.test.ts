import { describe, expect, test } from "vitest";
import { disturbanceNotes, isExcused, worstOf } from "./disturbance.ts";

const calm = { foreignCores: 0.1, stolenCores: 0.1 };
const shared = { foreignCores: 0.2, stolenCores: 0 };
const stolen = { foreignCores: 0, stolenCores: 0.9 };

describe("isExcused()", () => {
  test.each([
    { basis: "count", by: calm, excused: false },
    { basis: "count", by: shared, excused: false },
    { basis: "count", by: stolen, excused: false },
    { basis: "cpu", by: calm, excused: false },
    { basis: "cpu", by: shared, excused: true },
    { basis: "cpu", by: stolen, excused: false },
    { basis: "clock", by: calm, excused: false },
    { basis: "clock", by: shared, excused: true },
    { basis: "clock", by: stolen, excused: true },
  ] as const)("a figure of the $basis beside $by: $excused", ({ basis, by, excused }) => {
    expect(isExcused(basis, by)).toBe(excused);
  });
});

test("worstOf() and disturbanceNotes() tell the most that was missing", () => {
  expect(worstOf([])).toEqual({ foreignCores: 0, stolenCores: 0 });
  expect(disturbanceNotes(worstOf([calm, shared]))).toEqual(["other programs used 0.20 processors"]);
  expect(disturbanceNotes(worstOf([shared, stolen]))).toEqual([
    "other programs used 0.20 processors",
    "the hypervisor kept 0.90 processors",
  ]);
  expect(disturbanceNotes(calm)).toEqual([]);
});
