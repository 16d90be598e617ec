/** What the callers of an arm ask, and how its answers are known to be right. */
export interface Workload {
  /** The input that a caller, numbered from 0, sends in each of its calls. */
  inputOf(caller: number): Float32Array;
  /** What a right answer to an input holds. */
  answerTo(input: Float32Array): Promise<Float32Array>;
  /** How far an answer's values may be from that: batches of other sizes may be summed in another order. */
  readonly tolerance: number;
}

/** Asks for the input itself. */
export const echoWorkload: Workload = {
  inputOf: (caller) => Float32Array.from({ length: 16 }, (_, element) => caller + element),
  answerTo: async (input) => input,
  tolerance: 0,
};

/** Whether an answer has as many values as the right one, each within the tolerance. */
export function isRight(
  answer: Float32Array,
  expected: { readonly values: Float32Array; readonly tolerance: number },
): boolean {
  const { values, tolerance } = expected;
  return (
    answer.length === values.length &&
    answer.every((value, index) => Math.abs(value - (values[index] ?? NaN)) <= tolerance)
  );
}
