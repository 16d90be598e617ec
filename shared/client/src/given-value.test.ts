import { expect, test } from "vitest";
import { describeGiven, isCollection, isRecord } from "./given-value.ts";

test.each<[unknown, boolean]>([
  [{}, true],
  [Object.create(null), true],
  [null, false],
  ["a text", false],
  [5, false],
  [[], false],
  [() => 5, false],
])("isRecord(%o) is %j", (value, expected) => {
  expect(isRecord(value)).toBe(expected);
});

test.each<[object, boolean]>([
  [{ page: "home" }, false],
  [Object.create(null), false],
  [new Map([["page", "home"]]), true],
  [new Set(["page"]), true],
])("isCollection(%o) is %j", (value, expected) => {
  expect(isCollection(value)).toBe(expected);
});

test.each<[unknown, string]>([
  [null, "null"],
  ["5s", "'5s'"],
  [{ shape: [1, [2]] }, "{ shape: [ 1, [Array] ] }"],
  [new Uint8Array(5), "Uint8Array(5) [ 0, 0, 0, 0, ... 1 more item ]"],
])("describeGiven(%o) is %s", (value, text) => {
  expect(describeGiven(value)).toBe(text);
});
