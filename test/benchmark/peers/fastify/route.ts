export const inferPath = "/infer";

/** What is posted there: one input of the model. */
export interface InferBody {
  readonly input: readonly number[];
}

/** What it answers. */
export interface AnswerBody {
  readonly probs: readonly number[];
}
