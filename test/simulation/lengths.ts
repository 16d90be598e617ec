import { type LogNormalOptions, drawLogNormal } from "@sluice/load-generator";
import type { Random } from "@sluice/runtime";

/** How long the rows of requests are, in elements. */
export type Lengths =
  | { readonly kind: "equal"; readonly length: number }
  /** One of several log-normal distributions, chosen anew for each row, rounded and cut at `longest`. */
  | { readonly kind: "logNormal"; readonly mixture: readonly MixturePart[]; readonly longest: number };

/** One of the distributions of a mixture. */
export interface MixturePart extends LogNormalOptions {
  /** Part of all rows that it gives; the parts of a mixture add up to 1. */
  readonly part: number;
}

/** Prompts of a conversation service: fitted to the mean and the quantiles of the public trace Azure LLM 2023 "conv". */
export const conversationLengths: Lengths = {
  kind: "logNormal",
  mixture: [
    { part: 0.3, median: 150, sigma: 0.8 },
    { part: 0.7, median: 1420, sigma: 0.65 },
  ],
  longest: 4096,
};

/** Texts as encoders get them: most are short, some fill the model's window. */
export const encoderLengths: Lengths = {
  kind: "logNormal",
  mixture: [{ part: 1, median: 60, sigma: 0.9 }],
  longest: 512,
};

/** Draws the length of one row, at least 1. */
export function drawLength(lengths: Lengths, random: Random): number {
  if (lengths.kind === "equal") return lengths.length;
  const drawn = drawLogNormal(choosePart(lengths.mixture, random), random);
  return Math.min(lengths.longest, Math.max(1, Math.round(drawn)));
}

function choosePart(mixture: readonly MixturePart[], random: Random): MixturePart {
  let left = random();
  for (const part of mixture) {
    left -= part.part;
    if (left < 0) return part;
  }
  throw new Error("the parts of a mixture add up to less than 1");
}
