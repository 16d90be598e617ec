import { describe, expect, test } from "vitest";
import { stolenMsOf } from "./machine-times.ts";

describe("stolenMsOf()", () => {
  test("reads what all processors together had stolen, not what one had", () => {
    const text = "cpu  100 1 20 3000 4 5 6 77 8 9\ncpu0 50 1 10 1500 2 2 3 33 4 4\n";
    expect(stolenMsOf(text)).toBe(770);
  });

  test("is 0 from a kernel that does not tell", () => {
    expect(stolenMsOf("cpu  100 1 20 3000 4 5 6\n")).toBe(0);
  });
});
