import { describe, expect, test } from "vitest";

import { sweepShapes } from "./sweep-shapes.ts";

describe("sweepShapes()", () => {
  test("takes powers of two up to the largest batch where rows have one length", () => {
    const shapes = sweepShapes({ maxItems: 20, maxLength: 1, maxTokens: Infinity });
    expect(shapes).toEqual([1, 2, 4, 8, 16].map((items) => ({ items, length: 1 })));
  });

  test("takes some lengths up to the longest, single items first", () => {
    const shapes = sweepShapes({ maxItems: 2, maxLength: 128, maxTokens: Infinity });
    expect(shapes).toEqual([
      { items: 1, length: 16 },
      { items: 1, length: 64 },
      { items: 1, length: 128 },
      { items: 2, length: 16 },
      { items: 2, length: 64 },
      { items: 2, length: 128 },
    ]);
  });

  test("leaves out what several items would be too large for, not a single item", () => {
    const shapes = sweepShapes({ maxItems: 4, maxLength: 64, maxTokens: 50 });
    expect(shapes).toEqual([
      { items: 1, length: 16 },
      { items: 1, length: 64 },
      { items: 2, length: 16 },
    ]);
  });

  test("tries rows of up to 256 elements where nobody knows the longest", () => {
    const lengths = sweepShapes({ maxItems: 1, maxLength: Infinity, maxTokens: Infinity }).map(
      ({ length }) => length,
    );
    expect(lengths).toEqual([16, 64, 256]);
  });
});
