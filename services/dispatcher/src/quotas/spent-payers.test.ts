import { expect, test } from "vitest";
import { createSpentPayers } from "./spent-payers.ts";

test("createSpentPayers() knows payers until their day or month ends", () => {
  const spent = createSpentPayers();
  spent.add("day", 100, 0);
  spent.add("month", 1000, 0);
  expect([spent.has("day", 99), spent.has("month", 99), spent.has("other", 99)]).toEqual([true, true, false]);
  expect([spent.has("day", 100), spent.has("month", 100)]).toEqual([false, true]);
  spent.add("later", 300, 150);
  expect([spent.has("day", 150), spent.has("month", 999), spent.has("later", 299)]).toEqual([
    false,
    true,
    true,
  ]);
});
