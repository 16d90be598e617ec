import { encodeStrings } from "@sluice/protocol";

import { highestColumn } from "./highest-column.ts";
import type { ResultStep } from "./result-step.ts";

export interface CtcOptions {
  /** Name of the engine's output it reads: FP32 `[items, steps, alphabet.length + 1]`. */
  readonly input: string;
  /** What each class stands for, from class 1 on; class 0 is the blank. */
  readonly alphabet: readonly string[];
  readonly textOutput: string;
  readonly scoreOutput: string;
}

/** The class that stands for nothing: between two equal symbols, and where there is no text. */
const blankClass = 0;

/**
 * Creates the step that reads text from the probabilities of a model trained with connectionist temporal classification:
 * the likeliest class of each step, what repeats taken once, then blanks left out. Gives text (BYTES) and score (FP32) of
 * each item, shape `[items]`; the score is the mean probability of the symbols, 0 for an empty text.
 *
 * Source: Graves et al., Connectionist Temporal Classification (ICML 2006), 3.2: best path decoding.
 */
export function createCtc(options: CtcOptions): ResultStep {
  const { alphabet } = options;
  const classCount = alphabet.length + 1;
  return {
    input: options.input,
    rowShape: [-1, classCount],
    outputs: [
      { name: options.textOutput, datatype: "BYTES", shape: [-1] },
      { name: options.scoreOutput, datatype: "FP32", shape: [-1] },
    ],
    parameters: [],
    countOf: () => 1,
    *toResults({ values, items }) {
      const rowElements = values.length / items;
      const texts: string[] = [];
      const scores = new Float32Array(items);
      for (let item = 0; item < items; item++) {
        const row = values.subarray(item * rowElements, (item + 1) * rowElements);
        const { text, score } = readRow(row, alphabet);
        texts.push(text);
        scores[item] = score;
        yield;
      }
      return [
        { name: options.textOutput, datatype: "BYTES", shape: [items], bytes: encodeStrings(texts) },
        { name: options.scoreOutput, datatype: "FP32", shape: [items], bytes: new Uint8Array(scores.buffer) },
      ];
    },
  };
}

interface ReadText {
  readonly text: string;
  readonly score: number;
}

function readRow(row: Float32Array, alphabet: readonly string[]): ReadText {
  const classCount = alphabet.length + 1;
  const symbols: string[] = [];
  let total = 0;
  let last = blankClass;
  for (let start = 0; start < row.length; start += classCount) {
    const step = row.subarray(start, start + classCount);
    const likeliest = highestColumn(step);
    if (likeliest !== last && likeliest !== blankClass) {
      symbols.push(alphabet[likeliest - 1] ?? "");
      total += step[likeliest] ?? 0;
    }
    last = likeliest;
  }
  return { text: symbols.join(""), score: symbols.length === 0 ? 0 : total / symbols.length };
}
