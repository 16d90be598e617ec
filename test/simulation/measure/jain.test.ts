import { expect, test } from "vitest";
import { jainIndex } from "./jain.ts";

test("jainIndex() is 1 for equals and 1/n where one has all", () => {
  expect(jainIndex([3, 3, 3])).toBe(1);
  expect(jainIndex([0, 7, 0, 0])).toBe(0.25);
  expect(jainIndex([])).toBeNaN();
});
