import { Tokenizer } from "@huggingface/tokenizers";
import { z } from "zod";

import type { FormDescription } from "../repository/model-file.ts";
import { readJsonFile } from "./json-file.ts";
import { createNgramFrequencies } from "./ngram-frequencies.ts";
import type { TextStep } from "./text-step.ts";
import { createTokenize } from "./tokenize.ts";
import type { TopLabels } from "./top-labels.ts";
import { createTopLabels } from "./top-labels.ts";

const grams = z.array(z.string());
const ngramVocabulary = z.object({
  ngrams: z.object({ unigrams: grams, bigrams: grams, trigrams: grams, quadgrams: grams }),
});
const labelList = z.array(z.string()).min(1);
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
 * @throws {InferenceError} `notFound` or `invalidArgument` when a file is missing or wrong.
 */
export async function loadTopLabels({ topLabels }: Postprocess, folder: string): Promise<TopLabels> {
  const labels = await readJsonFile(labelList, { folder, reference: topLabels.labels });
  const { input, count, outputs } = topLabels;
  return createTopLabels({ input, labels, count, labelOutput: outputs.label, scoreOutput: outputs.score });
}
