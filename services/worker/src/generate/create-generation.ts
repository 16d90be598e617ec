import type { Decoder, EngineSignature } from "@sluice/engine";
import { InferenceError } from "@sluice/protocol";

import type { GenerateDescription } from "../repository/model-file.ts";
import { createAlphabet, type Alphabet } from "./alphabet.ts";
import type { Generation } from "./generation.ts";

/** What else there is to know of a model that generates. */
export interface GenerationOptions {
  /** Of its engines; absent: they cannot decode. */
  readonly decoder: Decoder | undefined;
  readonly signature: EngineSignature;
  /** Most sequences in one decode step. */
  readonly maxSequences: number;
}

/**
 * Creates the generation that a model file describes.
 * @throws {InferenceError} `invalidArgument` when the model is no decoder, when its tokens are not those of the alphabet, or when
 * not even one sequence fits its limits.
 */
export function createGeneration(
  generate: GenerateDescription,
  { decoder, signature, maxSequences }: GenerationOptions,
): Generation {
  if (decoder === undefined) {
    throw new InferenceError(
      "invalidArgument",
      "the model cannot generate, expected the inputs input_ids, position_ids, attention_mask and past_key_values.*, " +
        "and the outputs logits and present.*",
    );
  }
  const {
    input,
    output,
    alphabet: characters,
    maxContext,
    maxTokens,
    maxBatchTokens = Infinity,
    maxPastBytes,
  } = generate;
  const alphabet = createAlphabet(characters);
  checkAlphabet(alphabet, signature);
  const heldTokens = Math.min(maxBatchTokens, Math.floor(maxPastBytes / decoder.tokenBytes));
  if (heldTokens < maxContext) {
    throw new InferenceError(
      "invalidArgument",
      `maxBatchTokens and maxPastBytes leave room for ${heldTokens} tokens of ${decoder.tokenBytes} bytes, ` +
        `expected at least maxContext, which is ${maxContext}`,
    );
  }
  return {
    input,
    output,
    alphabet,
    limits: { maxSequences, maxTokens: heldTokens, maxContext },
    defaultMaxTokens: maxTokens,
  };
}

/** Where the file says how many tokens the model knows: a character too few has no text, one too many fails its run. */
function checkAlphabet({ size }: Alphabet, { outputs }: EngineSignature): void {
  const tokenCount = outputs.find(({ name }) => name === "logits")?.shape.at(-1) ?? -1;
  if (tokenCount < 0 || tokenCount === size) return;
  throw new InferenceError(
    "invalidArgument",
    `generate.alphabet has ${size} characters, expected ${tokenCount}: one for each token of the model's logits`,
  );
}
