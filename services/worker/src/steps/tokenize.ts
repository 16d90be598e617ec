import { InferenceError } from "@sluice/protocol";
import { paddedLength } from "@sluice/scheduling";

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
  /** Most tokens the model takes in one row; a longer text is refused, not cut. */
  readonly maxTokens: number;
}

/** Creates the step that turns texts into token ids: `[rows, length]` INT64, padded at the end with `padId`. */
export function createTokenize(options: TokenizeOptions): TextStep {
  const { encoder, padId, maxTokens } = options;
  return {
    input: options.input,
    output: options.output,
    maxLength: maxTokens,
    prepareRow: (text) => {
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
