import { describe, expect, test } from "vitest";
import { createLaneRate } from "./lane-rate.ts";

describe("createLaneRate()", () => {
  test("is not known before half a second has passed", () => {
    const rate = createLaneRate();
    expect(rate.note({ busySince: 1, takenItems: 0 }, 0)).toBe(Infinity);
    expect(rate.note({ busySince: 1, takenItems: 40 }, 499)).toBe(Infinity);
    expect(rate.note({ busySince: 1, takenItems: 50 }, 500)).toBe(0.1);
  });

  test("is the faster one of the last two windows", () => {
    const rate = createLaneRate();
    rate.note({ busySince: 1, takenItems: 0 }, 0);
    rate.note({ busySince: 1, takenItems: 100 }, 500);
    expect(rate.note({ busySince: 1, takenItems: 150 }, 1000)).toBe(0.2);
    expect(rate.note({ busySince: 1, takenItems: 200 }, 1500)).toBe(0.1);
  });

  test("keeps what it was while nothing is taken, however long", () => {
    const rate = createLaneRate();
    rate.note({ busySince: 1, takenItems: 0 }, 0);
    rate.note({ busySince: 1, takenItems: 50 }, 500);
    expect(rate.note({ busySince: 1, takenItems: 50 }, 30_000)).toBe(0.1);
  });

  test("is forgotten once the lane was empty", () => {
    const rate = createLaneRate();
    rate.note({ busySince: 1, takenItems: 0 }, 0);
    rate.note({ busySince: 1, takenItems: 50 }, 500);
    expect(rate.note({ busySince: 900, takenItems: 60 }, 5000)).toBe(Infinity);
    expect(rate.note({ busySince: 900, takenItems: 160 }, 5500)).toBe(0.2);
  });
});
