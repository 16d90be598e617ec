import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anEntry, type NamedEntry } from "../contract/entries.ts";
import { goesBefore, LaneEntries } from "./lane-entries.ts";

describe("LaneEntries", () => {
  test("gives entries out in order whatever order they come in, and skips those that have gone", () => {
    const aStep = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ deadlineMs: fc.integer({ min: 0, max: 1000 }), drift: fc.nat(40) }),
      },
      { weight: 1, arbitrary: fc.constantFrom("pop" as const, "leave" as const, "sweep" as const) },
    );
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 300, size: "max" }), fc.boolean(), (steps, isNearlySorted) => {
        const entries = new LaneEntries<NamedEntry>();
        let expected: NamedEntry[] = [];
        steps.forEach((step, arrival) => {
          if (typeof step === "object") {
            const deadlineMs = isNearlySorted ? arrival + step.drift : step.deadlineMs;
            const entry = anEntry({ arrival, deadlineMs, stay: "waiting" });
            entries.push(entry);
            expected.push(entry);
            expected.sort((a, b) => (goesBefore(a, b) ? -1 : 1));
          } else if (step === "pop") {
            entries.pop();
            expected = expected.slice(1);
          } else if (step === "leave") {
            const leaving = expected[arrival % Math.max(1, expected.length)];
            if (leaving !== undefined) leaving.stay = "gone";
            expected = expected.filter((entry) => entry !== leaving);
          } else {
            entries.sweep();
            expect(entries.size).toBe(expected.length);
          }
          expect(entries.peek()).toBe(expected[0]);
          expect(entries.size).toBeGreaterThanOrEqual(expected.length);
        });
        expect(entries.inOrder()).toEqual(expected);
      }),
    );
  });
});
