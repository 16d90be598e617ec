import { createAlphabet } from "./alphabet.ts";
import type { Sequence } from "./sequence.ts";
import { createSequence } from "./sequence.ts";

/** A sequence that may come to have `maxLength` tokens, of which `promptLength` are its prompt. */
export function aSequence(maxLength: number, promptLength = 1): Sequence {
  const generation = {
    input: "text",
    output: "text",
    alphabet: createAlphabet("abc"),
    limits: { maxSequences: 1, maxTokens: maxLength, maxContext: maxLength },
    defaultMaxTokens: 1,
  };
  const tokens = Array.from({ length: promptLength }, () => 0);
  return createSequence(generation, { tokens, maxTokens: maxLength });
}
