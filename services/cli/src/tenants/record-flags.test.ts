import { describe, expect, test } from "vitest";
import { toChanges, type FieldOption } from "./record-flags.ts";

const options: readonly FieldOption[] = [
  "weight",
  "group",
  "min-share",
  "max-in-flight",
  "max-queue-seconds",
  "daily-budget-seconds",
  "models",
];

describe("toChanges()", () => {
  test("has what was given and nothing else", () => {
    expect(toChanges({}, options)).toEqual({});
    expect(
      toChanges({ weight: "2.5", group: "lab", minShare: "0.2", maxInFlight: "64", models: "a, b" }, options),
    ).toEqual({ weight: 2.5, group: "lab", minShare: 0.2, maxInFlight: 64, models: ["a", "b"] });
    expect(toChanges({ maxQueueSeconds: "0.5" }, options)).toEqual({ maxQueueSeconds: 0.5 });
    expect(toChanges({ dailyBudgetSeconds: "60" }, options)).toEqual({ dailyBudgetSeconds: 60 });
  });

  test.each(["heavy", "", " ", "Infinity", "NaN", "1,5"])(
    "leaves %j as it is, for the codec to refuse",
    (weight) => {
      expect(toChanges({ weight }, options)).toEqual({ weight });
    },
  );

  test("takes back what --unset names", () => {
    const changes = toChanges({ weight: "2", unset: "max-in-flight, models" }, options);
    expect(changes).toStrictEqual({ weight: 2, maxInFlight: undefined, models: undefined });
  });

  test.each([
    [{ unset: "maxInFlight" }, '--unset names "maxInFlight", expected some of weight, group, min-share'],
    [{ unset: "unknown-tenants" }, '--unset names "unknown-tenants", expected some of weight'],
    [{ unset: "" }, '--unset names "", expected some of weight'],
    [{ unset: "models", models: "a" }, '--unset names "models", which is set by --models too'],
  ])("refuses %j", (flags, message) => {
    expect(() => toChanges(flags, options)).toThrow(
      expect.objectContaining({ code: "invalidArgument", message: expect.stringContaining(message) }),
    );
  });
});
