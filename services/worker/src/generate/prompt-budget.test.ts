import { describe, expect, test } from "vitest";

import { createPromptBudget } from "./prompt-budget.ts";

/** Lets full steps of a model pass that takes `msPerToken` for each token of a prompt. */
function settledTokens(msPerToken: number, decodeMs = 0): number {
  const budget = createPromptBudget();
  budget.observe({ promptTokens: 0, inferenceMs: decodeMs });
  for (let step = 0; step < 20; step++) {
    budget.observe({ promptTokens: budget.tokens, inferenceMs: decodeMs + budget.tokens * msPerToken });
  }
  return budget.tokens;
}

describe("createPromptBudget()", () => {
  test.each([
    { model: "a fast one", msPerToken: 0.01, tokens: 1024 },
    { model: "one in between", msPerToken: 0.1, tokens: 128 },
    { model: "a slow one", msPerToken: 5, tokens: 16 },
  ])("comes to a budget whose steps take at most 20 ms, for $model", ({ msPerToken, tokens }) => {
    expect(settledTokens(msPerToken)).toBe(tokens);
  });

  test("lets a step with prompts take twice as long as one without, where that is more", () => {
    expect(settledTokens(1)).toBe(16);
    expect(settledTokens(1, 100)).toBe(64);
  });

  test("does not grow by steps that were not full", () => {
    const budget = createPromptBudget();
    for (let step = 0; step < 9; step++) budget.observe({ promptTokens: 5, inferenceMs: 0.1 });
    expect(budget.tokens).toBe(64);
  });
});
