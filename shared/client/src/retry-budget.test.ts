import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRetryBudget, savedRetries } from "./retry-budget.ts";

describe("createRetryBudget()", () => {
  test("begins with what it may save", () => {
    const budget = createRetryBudget(0.1);
    for (let retry = 0; retry < savedRetries; retry++) expect(budget.take()).toBe(true);
    expect(budget.take()).toBe(false);
  });

  test("earns one retry with ten calls at a ratio of a tenth", () => {
    const budget = createRetryBudget(0.1);
    while (budget.take());
    for (let call = 0; call < 9; call++) budget.earn();
    expect(budget.take()).toBe(false);
    budget.earn();
    expect(budget.take()).toBe(true);
    expect(budget.take()).toBe(false);
  });

  test("saves no more in quiet times", () => {
    const budget = createRetryBudget(1);
    for (let call = 0; call < 1000; call++) budget.earn();
    let taken = 0;
    while (budget.take()) taken += 1;
    expect(taken).toBe(savedRetries);
  });

  test("never gives more than its ratio of the calls and what it began with", () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(ratio, fc.array(fc.boolean(), { maxLength: 500 }), (retryRatio, steps) => {
        const budget = createRetryBudget(retryRatio);
        let calls = 0;
        let retries = 0;
        for (const isCall of steps) {
          if (isCall) {
            calls += 1;
            budget.earn();
          } else if (budget.take()) {
            retries += 1;
          }
        }
        expect(retries).toBeLessThanOrEqual(savedRetries + retryRatio * calls + 1e-6);
      }),
    );
  });
});
