import { describe, expect, test } from "vitest";
import { isRight } from "../../measure/workload.ts";
import { openProbeSession, probeAnswerLength, probeInputLength } from "./probe-session.ts";
import { openProbeWorkload, probeInputOf } from "./probe-workload.ts";

describe("probeInputOf()", () => {
  test("gives callers inputs that are told apart by their answers", async () => {
    const { answerTo, inputOf, tolerance } = await openProbeWorkload();
    const values = await answerTo(inputOf(0));
    expect(isRight(await answerTo(inputOf(0)), { values, tolerance })).toBe(true);
    expect(isRight(await answerTo(inputOf(1)), { values, tolerance })).toBe(false);
  });

  test("is short as JSON", () => {
    for (let caller = 0; caller < 1024; caller++) {
      expect(JSON.stringify(Array.from(probeInputOf(caller))).length).toBeLessThanOrEqual(
        10 * probeInputLength + 1,
      );
    }
  });
});

describe("openProbeSession()", () => {
  test("answers each row of a batch as it answers that row alone", async () => {
    const session = await openProbeSession();
    const inputs = [0, 1, 2].map(probeInputOf);
    const batch = await session.run(Float32Array.from(inputs.flatMap((input) => [...input])));
    for (const [index, input] of inputs.entries()) {
      const values = await session.run(input);
      const answer = batch.subarray(index * probeAnswerLength, (index + 1) * probeAnswerLength);
      expect(isRight(answer, { values, tolerance: 1e-5 })).toBe(true);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    }
  });
});
