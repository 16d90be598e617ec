import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { planStep } from "./step-plan.ts";

describe("planStep()", () => {
  test.each([
    { rule: "takes whoever needs one token", unread: [1, 1, 1], budget: 1, takes: [1, 1, 1] },
    { rule: "reads prompts whole that fit", unread: [1, 7, 9], budget: 16, takes: [1, 7, 9] },
    { rule: "cuts what does not fit", unread: [100], budget: 16, takes: [16] },
    {
      rule: "cuts long prompts alike, so that they run together",
      unread: [50, 1, 60, 4],
      budget: 24,
      takes: [10, 1, 10, 4],
    },
    { rule: "leaves nobody out", unread: [5, 6, 7, 1], budget: 2, takes: [1, 1, 1, 1] },
  ])("$rule", ({ unread, budget, takes }) => {
    expect(
      planStep(
        unread.map((unreadCount) => ({ unreadCount })),
        budget,
      ),
    ).toEqual(takes);
  });

  test("takes of everybody at least one token and of prompts no more than the budget", () => {
    const counts = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 40 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 512 }), (unread, budget) => {
        const takes = planStep(
          unread.map((unreadCount) => ({ unreadCount })),
          budget,
        );
        let prompts = 0;
        let readers = 0;
        for (const [index, take] of takes.entries()) {
          const count = unread[index] ?? 0;
          expect(take).toBeGreaterThanOrEqual(1);
          expect(take).toBeLessThanOrEqual(count);
          if (count > 1) {
            prompts += take;
            readers += 1;
          }
        }
        expect(prompts).toBeLessThanOrEqual(Math.max(budget, readers));
      }),
    );
  });
});
