import type { Alphabet } from "./alphabet.ts";
import type { StepLimits } from "./step-room.ts";

/** Names of the generation's request parameter and of the frame parameter that says why it ended. */
export const maxTokensParameter = "max_tokens";
export const finishReasonParameter = "finish_reason";

/** How a model continues a text. */
export interface Generation {
  /** Name of the input with the prompt, a BYTES tensor of one text. */
  readonly input: string;
  /** Name of the output with the continuation. */
  readonly output: string;
  readonly alphabet: Alphabet;
  /** How much runs at a time; its `maxContext` is the most characters the model attends to, prompt included. */
  readonly limits: StepLimits;
  /** Characters a request gets when it does not say how many. */
  readonly defaultMaxTokens: number;
}
