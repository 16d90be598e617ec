import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRecentAnswers, windowMs } from "./recent-answers.ts";

describe("createRecentAnswers()", () => {
  test("counts calls and those that were accepted", () => {
    const answers = createRecentAnswers();
    answers.addAccepted(0);
    answers.addAccepted(10);
    answers.addRefused(20);
    expect(answers).toMatchObject({ callCount: 3, acceptedCount: 2 });
  });

  test("forgets in parts what is older than two minutes", () => {
    const answers = createRecentAnswers();
    answers.addRefused(0);
    answers.addAccepted(60_000);
    answers.forget(windowMs - 1);
    expect(answers).toMatchObject({ callCount: 2, acceptedCount: 1 });
    answers.forget(windowMs);
    expect(answers).toMatchObject({ callCount: 1, acceptedCount: 1 });
    answers.forget(10 * windowMs);
    expect(answers).toMatchObject({ callCount: 0, acceptedCount: 0 });
  });

  test("forgets everything at once when told to", () => {
    const answers = createRecentAnswers();
    answers.addRefused(0);
    answers.clear();
    answers.forget(windowMs);
    expect(answers).toMatchObject({ callCount: 0, acceptedCount: 0 });
  });

  test("keeps what is younger than 110 s and nothing older than 120 s, whatever comes when", () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 50_000 }), fc.boolean()), { maxLength: 100 });
    fc.assert(
      fc.property(steps, (all) => {
        const answers = createRecentAnswers();
        const times: number[] = [];
        let nowMs = 0;
        for (const [stepMs, isAccepted] of all) {
          nowMs += stepMs;
          times.push(nowMs);
          if (isAccepted) answers.addAccepted(nowMs);
          else answers.addRefused(nowMs);
          const within = (ageMs: number) => times.filter((timeMs) => nowMs - timeMs < ageMs).length;
          expect(answers.callCount).toBeGreaterThanOrEqual(within(110_000));
          expect(answers.callCount).toBeLessThanOrEqual(within(windowMs));
        }
      }),
    );
  });
});
