import { checkCharacters } from "./text-bound.ts";
import type { TextStep } from "./text-step.ts";

/** The n-grams a model was trained on, in the order of its input; `grams[n - 1]` holds those of n characters. */
export interface NgramVocabulary {
  readonly grams: readonly (readonly string[])[];
}

export interface NgramFrequenciesOptions {
  /** Name of the texts; one of more than 65,536 characters is refused. */
  readonly input: string;
  readonly output: string;
  readonly vocabulary: NgramVocabulary;
}

/** Where the counts of one n-gram length lie in the feature vector. */
interface GramColumns {
  readonly length: number;
  readonly columnOf: ReadonlyMap<string, number>;
  readonly start: number;
  readonly end: number;
}

/** Most characters (UTF-16 units) of a text: more make its frequencies no clearer, and take the worker's time. */
export const maxNgramCharacters = 65_536;

const hyphens = /\p{Dash_Punctuation}/gu;
const others = /[^\p{Letter}\p{Mark}\s]+/gu;
const whiteSpace = /\s+/gu;

/**
 * Creates the step that describes a text by how often known n-grams occur in it: a row of FP32, for each n-gram length
 * the frequency of each listed n-gram among all n-grams of that length in the text.
 */
export function createNgramFrequencies(options: NgramFrequenciesOptions): TextStep {
  const columns = columnsOf(options.vocabulary);
  const width = columns.at(-1)?.end ?? 0;
  return {
    input: options.input,
    output: options.output,
    maxLength: 1,
    prepareRow: (text) => {
      checkCharacters(options.input, text, maxNgramCharacters);
      return frequencies(normalizeText(text), columns, width);
    },
    lengthOf: () => 1,
    paddedLength: () => 1,
    joinRows: (rows) => {
      const joined = new Float32Array(rows.length * width);
      for (const [index, row] of rows.entries()) joined.set(row, index * width);
      return {
        name: options.output,
        datatype: "FP32",
        shape: [rows.length, width],
        buffer: joined.buffer,
      };
    },
  };
}

/** Keeps letters, marks and single blanks, in lower case, with one blank at each end. */
export function normalizeText(text: string): string {
  const letters = text.replace(hyphens, " ").replace(others, "");
  return ` ${letters.replace(whiteSpace, " ").toLowerCase().trim()} `;
}

function columnsOf(vocabulary: NgramVocabulary): GramColumns[] {
  let start = 0;
  return vocabulary.grams.map((grams, index) => {
    const first = start;
    start += grams.length;
    return {
      length: index + 1,
      columnOf: new Map(grams.map((gram, column) => [gram, first + column])),
      start: first,
      end: start,
    };
  });
}

function frequencies(text: string, columns: readonly GramColumns[], width: number): Float32Array {
  const row = new Float32Array(width);
  for (const { length, columnOf, start, end } of columns) {
    const total = Math.max(0, text.length - length + 1);
    for (let offset = 0; offset < total; offset++) {
      const column = columnOf.get(text.slice(offset, offset + length));
      if (column !== undefined) row[column] = (row[column] ?? 0) + 1;
    }
    if (total === 0) continue;
    for (let column = start; column < end; column++) row[column] = (row[column] ?? 0) / total;
  }
  return row;
}
