/** Longest decode step that reading prompts may lead to, in milliseconds: streams that run see it as a pause. */
const maxStepMs = 20;
/** The same, as a multiple of a step without prompts; for models whose steps are long anyway. */
const maxStepRatio = 2;

const firstTokens = 64;
const minTokens = 16;
const maxTokens = 1024;

/** How one step went. */
export interface ObservedStep {
  /** Tokens of prompts that it read. */
  readonly promptTokens: number;
  readonly inferenceMs: number;
}

/**
 * How many tokens of prompts a decode step may read, so that it does not hold up the streams that run: found by trying. A
 * step that took too long halves it, one that was full and took less than half of what it may doubles it.
 */
export interface PromptBudget {
  /** Tokens for the next step. */
  readonly tokens: number;
  observe(step: ObservedStep): void;
}

/** Creates a budget that knows nothing of the model yet. */
export function createPromptBudget(): PromptBudget {
  let tokens = firstTokens;
  let decodeMs = 0;
  return {
    get tokens() {
      return tokens;
    },
    observe: ({ promptTokens, inferenceMs }) => {
      if (promptTokens === 0) {
        decodeMs = inferenceMs;
        return;
      }
      const boundMs = Math.max(maxStepMs, maxStepRatio * decodeMs);
      if (inferenceMs > boundMs) tokens = Math.max(minTokens, Math.floor(tokens / 2));
      else if (promptTokens >= tokens && inferenceMs <= boundMs / 2) tokens = Math.min(maxTokens, 2 * tokens);
    },
  };
}
