import { describe, expect, test } from "vitest";
import { middleTimes } from "./middle-times.ts";

describe("middleTimes()", () => {
  test("leaves out what hit one of three, and keeps what comes again", () => {
    const hitOnce = [
      [4, 30, 4, 25],
      [5, 5, 5, 26],
      [40, 6, 6, 27],
    ];
    expect(middleTimes(hitOnce)).toEqual([5, 6, 5, 26]);
  });

  test("takes the longer of two where a third is not known, and nothing where only one is", () => {
    const unknown = [
      [4, 7],
      [Infinity, Infinity],
      [9, Infinity],
    ];
    expect(middleTimes(unknown)).toEqual([9]);
  });
});
