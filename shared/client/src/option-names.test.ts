import { describe, expect, test } from "vitest";
import { checkOptionNames, namesOf, nearestName } from "./option-names.ts";

interface Example {
  readonly timeoutMs?: number;
  readonly retries?: number;
}

const names = namesOf<Example>({ timeoutMs: true, retries: true });

describe("checkOptionNames()", () => {
  test.each([{}, { timeoutMs: 1 }, { timeoutMs: 1, retries: undefined }])("takes %j", (options) => {
    expect(() => checkOptionNames(options, names)).not.toThrow();
  });

  test.each([
    [{ timeout: 5 }, "option timeout is unknown, is timeoutMs meant?"],
    [{ timeoutMs: 5, retry: undefined }, "option retry is unknown, is retries meant?"],
    [{ colour: "red" }, "option colour is unknown, expected one of timeoutMs, retries"],
  ])("refuses %j with invalidArgument, naming what is meant", (options, message) => {
    expect(() => checkOptionNames(options, names)).toThrowError(
      expect.objectContaining({ code: "invalidArgument", message }),
    );
  });

  test("shows the beginning of a long name", () => {
    expect(() => checkOptionNames({ ["x".repeat(10_000)]: 1 }, names)).toThrow(`${"x".repeat(40)}…`);
  });
});

describe("nearestName()", () => {
  test.each([
    ["timeout", "timeoutMs"],
    ["timeoutMS", "timeoutMs"],
    ["timeout_ms", "timeoutMs"],
    ["param", "parameters"],
    ["paramaters", "parameters"],
    ["Priority", "priority"],
    ["output", "outputs"],
  ])("of %s is %s", (name, meant) => {
    expect(nearestName(name, ["timeoutMs", "queueTimeoutMs", "parameters", "priority", "outputs"])).toBe(
      meant,
    );
  });

  test.each(["deadline", "", "x", "headers"])("of %j is none", (name) => {
    expect(nearestName(name, ["timeoutMs", "queueTimeoutMs", "parameters", "priority"])).toBeUndefined();
  });
});
