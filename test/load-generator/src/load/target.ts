/** What load is offered to: one connection to whatever answers. */
export interface Target<Input, Answer> {
  /** Resolves with the answer, or rejects with why there is none. `input` is sent again later and must not be changed. */
  call(input: Input): Promise<Answer>;
}

/** What is sent, and what must come back. */
export interface Payloads<Input, Answer> {
  /** Sent in turn over all connections; at least one. */
  readonly inputs: readonly Input[];
  /** Whether an answer is that of its input. Asked of one answer in {@link checkEvery}, so that checks cost next to nothing. */
  isRight(input: Input, answer: Answer): boolean;
}

/** Every so many answers one is checked, and the first one. */
export const checkEvery = 1024;

/** Creates what tells the next input. */
export function createInputs<Input>(inputs: readonly Input[]): () => Input {
  const [first] = inputs;
  if (first === undefined) throw new RangeError("load needs at least one input");
  let index = -1;
  return () => {
    index = (index + 1) % inputs.length;
    return inputs[index] ?? first;
  };
}
