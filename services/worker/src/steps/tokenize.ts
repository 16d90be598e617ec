import { InferenceError } from "@sluice/protocol";
import { paddedLength } from "@sluice/scheduling";

import { checkNormalizedCharacters } from "./text-bound.ts";
import type { TextStep } from "./text-step.ts";

/** What the step needs of a tokenizer. */
export interface Encoder {
  encode(text: string): { readonly ids: readonly number[] };
}

export interface TokenizeOptions {
  readonly input: string;
  readonly output: string;
  readonly encoder: Encoder;
  /** Token that fills rows up to the length of their run; the model must ignore it. */
  readonly padId: number;
  /**
   * Most tokens the model takes in one row; a longer text is refused, not cut. A text of more characters than
   * `maxCharactersFor` allows for so many tokens, as it is or after NFKC, is refused before the encoder is asked.
   */
  readonly maxTokens: number;
}

const leastCharacters = 1024;
const manyCharacters = 65_536;

/**
 * Most characters (UTF-16 units) of a text of at most `maxTokens` tokens: 16 for each token, above 65,536 characters
 * 8 for each, and never less than 1,024. The time an encoder takes grows faster than the text.
 */
export function maxCharactersFor(maxTokens: number): number {
  return Math.max(leastCharacters, Math.min(16 * maxTokens, manyCharacters), 8 * maxTokens);
}

/** Creates the step that turns texts into token ids: `[rows, length]` INT64, padded at the end with `padId`. */
export function createTokenize(options: TokenizeOptions): TextStep {
  const { encoder, padId, maxTokens } = options;
  const maxCharacters = maxCharactersFor(maxTokens);
  return {
    input: options.input,
    output: options.output,
    maxLength: maxTokens,
    prepareRow: (text) => {
      checkNormalizedCharacters(options.input, text, maxCharacters);
      const { ids } = encoder.encode(text);
      if (ids.length > maxTokens) {
        throw new InferenceError(
          "invalidArgument",
          `input "${options.input}" has ${ids.length} tokens, expected at most ${maxTokens}`,
        );
      }
      return ids;
    },
    lengthOf: (row) => row.length,
    paddedLength: (length) => Math.min(paddedLength(length), maxTokens),
    joinRows: (rows, length) => {
      const joined = new BigInt64Array(rows.length * length).fill(BigInt(padId));
      for (const [index, row] of rows.entries()) {
        const start = index * length;
        for (let column = 0; column < row.length; column++)
          joined[start + column] = BigInt(row[column] ?? padId);
      }
      return {
        name: options.output,
        datatype: "INT64",
        shape: [rows.length, length],
        buffer: joined.buffer,
      };
    },
  };
}
