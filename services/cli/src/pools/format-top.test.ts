import { expect, test } from "vitest";
import { countOf } from "./format-top.ts";

test.each([
  [0, "0 workers"],
  [1, "1 worker"],
  [2, "2 workers"],
])("countOf() of %d is %s", (count, text) => {
  expect(countOf(count, "worker")).toBe(text);
});
