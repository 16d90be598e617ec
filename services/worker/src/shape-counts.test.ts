import { describe, expect, test } from "vitest";

import { createShapeCounts, mostShapes } from "./shape-counts.ts";

describe("createShapeCounts()", () => {
  test("counts each shape of a model once, and tells the number when there is one more", () => {
    const counts = createShapeCounts();
    const rows = { rowCount: 8, length: 16, elements: 100 };
    expect(counts.count("a", rows)).toBe(1);
    expect(counts.count("a", { ...rows, elements: 90 })).toBeUndefined();
    expect(counts.count("a", { ...rows, length: 20 })).toBe(2);
    expect(counts.count("b", rows)).toBe(1);
  });

  test("remembers no more than its bound", () => {
    const counts = createShapeCounts();
    for (let length = 1; length <= mostShapes; length++)
      expect(counts.count("a", { rowCount: 1, length, elements: 1 })).toBe(length);
    expect(counts.count("a", { rowCount: 2, length: 1, elements: 1 })).toBeUndefined();
    expect(counts.count("b", { rowCount: 2, length: 1, elements: 1 })).toBe(1);
  });
});
