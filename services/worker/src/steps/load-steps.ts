import { Tokenizer } from "@huggingface/tokenizers";
import { InferenceError } from "@sluice/protocol";
import { z } from "zod";

import type { FormDescription } from "../repository/model-file.ts";
import { readJsonFile } from "./json-file.ts";
import { createCtc } from "./ctc.ts";
import { createNgramFrequencies } from "./ngram-frequencies.ts";
import type { ResultStep } from "./result-step.ts";
import type { TextStep } from "./text-step.ts";
import { createTokenize } from "./tokenize.ts";
import { createTopLabels } from "./top-labels.ts";

const grams = z.array(z.string());
const ngramVocabulary = z.object({
  ngrams: z.object({ unigrams: grams, bigrams: grams, trigrams: grams, quadgrams: grams }),
});
const textList = z.array(z.string()).min(1);
const tokenizerFile = z.looseObject({ model: z.looseObject({ type: z.string() }) });

type Preprocess = NonNullable<FormDescription["preprocess"]>;
type Postprocess = NonNullable<FormDescription["postprocess"]>;

/**
 * Creates a declared preprocessing step from the files it names.
 * @throws {InferenceError} `notFound` or `invalidArgument` when a file is missing or wrong.
 */
export async function loadTextStep(description: Preprocess, folder: string): Promise<TextStep> {
  if ("tokenize" in description) {
    const { tokenizer, ...options } = description.tokenize;
    const file = await readJsonFile(tokenizerFile, { folder, reference: tokenizer });
    return createTokenize({ ...options, encoder: new Tokenizer(file, {}) });
  }
  const { vocabulary, ...options } = description.ngramFrequencies;
  const { ngrams } = await readJsonFile(ngramVocabulary, { folder, reference: vocabulary });
  const { unigrams, bigrams, trigrams, quadgrams } = ngrams;
  return createNgramFrequencies({
    ...options,
    vocabulary: { grams: [unigrams, bigrams, trigrams, quadgrams] },
  });
}

/**
 * Creates a declared postprocessing step from the files it names.
 * @throws {InferenceError} `notFound` or `invalidArgument` when a file is missing or wrong, or has fewer labels than wanted.
 */
export async function loadResultStep(description: Postprocess, folder: string): Promise<ResultStep> {
  if ("topLabels" in description) {
    const { input, labels: reference, count, outputs } = description.topLabels;
    const labels = await readJsonFile(textList, { folder, reference });
    if (count > labels.length) {
      throw new InferenceError(
        "invalidArgument",
        `topLabels.count is ${count}, expected at most ${labels.length}, the number of labels in ${reference}`,
      );
    }
    return createTopLabels({ input, labels, count, labelOutput: outputs.label, scoreOutput: outputs.score });
  }
  const { input, alphabet: reference, outputs } = description.ctc;
  const alphabet = await readJsonFile(textList, { folder, reference });
  return createCtc({ input, alphabet, textOutput: outputs.text, scoreOutput: outputs.score });
}
