import type { AdmittedRequest } from "@sluice/protocol";
import { InferenceError, splitBody, stringsOf } from "@sluice/protocol";

import type { Generation } from "./generation.ts";
import { maxTokensParameter } from "./generation.ts";

/** What a request asks a generating model for. */
export interface Prompt {
  /** Token ids of the prompt, at least one. */
  readonly tokens: readonly number[];
  /** Most tokens to generate, at least 1. */
  readonly maxTokens: number;
}

/**
 * Reads the prompt of a request.
 * @throws {InferenceError} `invalidArgument` when it is not one text that the model can continue.
 */
export function readPrompt(generation: Generation, request: AdmittedRequest): Prompt {
  const { input, alphabet, defaultMaxTokens } = generation;
  const { maxContext } = generation.limits;
  const tensor = splitBody(request.inputs, request.body).find(({ name }) => name === input);
  const texts = tensor === undefined ? [] : stringsOf(tensor);
  const [text] = texts;
  if (text === undefined || texts.length > 1) {
    throw invalid(`input "${input}" has ${texts.length} texts, expected one prompt a request`);
  }
  const tokens = alphabet.encode(text);
  if (tokens.length === 0 || tokens.length >= maxContext) {
    throw invalid(`the prompt has ${tokens.length} characters, expected 1 to ${maxContext - 1}`);
  }
  const maxTokens = request.parameters[maxTokensParameter] ?? defaultMaxTokens;
  if (typeof maxTokens !== "number" || !Number.isInteger(maxTokens) || maxTokens < 1) {
    throw invalid(
      `parameter "${maxTokensParameter}" is ${String(maxTokens)}, expected a whole number of at least 1`,
    );
  }
  return { tokens, maxTokens };
}

function invalid(message: string): InferenceError {
  return new InferenceError("invalidArgument", message);
}
