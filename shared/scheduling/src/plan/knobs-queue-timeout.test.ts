import { describe, expect, test } from "vitest";
import { queueTimeoutMs } from "./knobs-queue-timeout.ts";

describe("queueTimeoutMs()", () => {
  test.each([
    { rule: "is none where nobody says one", modelMs: 0, allows: true, requestedMs: 0, expected: Infinity },
    { rule: "is the model's by default", modelMs: 40, allows: true, requestedMs: 0, expected: 40 },
    {
      rule: "is the model's where requests may not say one",
      modelMs: 40,
      allows: false,
      requestedMs: 10,
      expected: 40,
    },
    {
      rule: "is the request's where that is shorter",
      modelMs: 40,
      allows: true,
      requestedMs: 10,
      expected: 10,
    },
    { rule: "is never longer than the model's", modelMs: 40, allows: true, requestedMs: 90, expected: 40 },
    {
      rule: "is the request's where the model has none",
      modelMs: 0,
      allows: true,
      requestedMs: 90,
      expected: 90,
    },
  ])("$rule", ({ modelMs, allows, requestedMs, expected }) => {
    const rules = { defaultQueueTimeoutMs: modelMs, allowTimeoutOverride: allows };
    expect(queueTimeoutMs(rules, requestedMs)).toBe(expected);
  });
});
