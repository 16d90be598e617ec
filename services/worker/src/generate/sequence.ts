import type { Engine } from "@sluice/engine";

import type { DecoderState } from "./decoder.ts";
import type { Generation } from "./generation.ts";
import type { Prompt } from "./prompt.ts";

/** Why a sequence ended: it has as many characters as wanted, or the model cannot attend to more. */
export type FinishReason = "length" | "context";

/** One character of a sequence. */
export interface GeneratedStep {
  readonly character: string;
  /** Set on the last step. */
  readonly finishReason: FinishReason | undefined;
}

/** The continuation of one prompt, step by step. */
export interface Sequence {
  /** Engine time of all steps so far, in milliseconds. */
  readonly inferenceMs: number;
  readonly transferMs: number;
  /** Computes the next character; the first step reads the whole prompt. Not to be called after the last. */
  next(engine: Engine): Promise<GeneratedStep>;
}

/** Begins a sequence; no engine is needed before its first step. */
export function createSequence(generation: Generation, { tokens, maxTokens }: Prompt): Sequence {
  const { alphabet, decoder, maxContext } = generation;
  let state: DecoderState = decoder.start();
  let unread: readonly number[] = tokens;
  let generatedCount = 0;
  let inferenceMs = 0;
  let transferMs = 0;

  const finishReason = (): FinishReason | undefined => {
    if (generatedCount >= maxTokens) return "length";
    return tokens.length + generatedCount >= maxContext ? "context" : undefined;
  };

  return {
    get inferenceMs() {
      return inferenceMs;
    },
    get transferMs() {
      return transferMs;
    },
    next: async (engine) => {
      const step = await decoder.step(engine, { tokens: unread, state });
      ({ state } = step);
      unread = [step.token];
      generatedCount += 1;
      inferenceMs += step.inferenceMs;
      transferMs += step.transferMs;
      return { character: alphabet.decode(step.token), finishReason: finishReason() };
    },
  };
}
