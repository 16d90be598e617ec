import type { Generation } from "./generation.ts";
import type { Prompt } from "./prompt.ts";

/** Why a sequence ended: it has as many characters as wanted, or the model cannot attend to more. */
export type FinishReason = "length" | "context";

/** A part of the time of decode steps, in milliseconds. */
export interface StepShare {
  readonly inferenceMs: number;
  readonly transferMs: number;
}

/** A prompt and the tokens that were added to it. */
export interface Sequence {
  /** The prompt's, then the added ones. */
  readonly tokens: readonly number[];
  /** Most tokens it may come to have. */
  readonly maxLength: number;
  /** When its first step began, on the monotonic clock. */
  readonly startedMs: number | undefined;
  /** Its part of all its steps so far. */
  readonly share: StepShare;
  /** Set once it has ended. */
  readonly finishReason: FinishReason | undefined;
  /** Notes that its first step begins. */
  start(nowMs: number): void;
  append(token: number): void;
  charge(share: StepShare): void;
}

/** Begins a sequence. */
export function createSequence({ limits }: Generation, { tokens: prompt, maxTokens }: Prompt): Sequence {
  const { maxContext } = limits;
  const tokens = [...prompt];
  const maxLength = Math.min(prompt.length + maxTokens, maxContext);
  let startedMs: number | undefined;
  let inferenceMs = 0;
  let transferMs = 0;
  return {
    tokens,
    maxLength,
    get startedMs() {
      return startedMs;
    },
    get share() {
      return { inferenceMs, transferMs };
    },
    get finishReason() {
      if (tokens.length >= prompt.length + maxTokens) return "length";
      return tokens.length >= maxContext ? "context" : undefined;
    },
    start: (nowMs) => {
      startedMs = nowMs;
    },
    append: (token) => tokens.push(token),
    charge: (share) => {
      inferenceMs += share.inferenceMs;
      transferMs += share.transferMs;
    },
  };
}
