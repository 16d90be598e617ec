import type { TensorSpec } from "./signature.ts";
import type { TensorLayout } from "./tensor.ts";

/**
 * Elements in each row of a model's inputs, where rows differ: the product of the axes behind the batch axis that `specs` leave
 * open, of the input where that is most; 1 where they leave none open. How many bytes a text has says nothing of its length here.
 * @param inputs - fit `specs`, in any order
 */
export function rowLength(
  specs: readonly TensorSpec[],
  { inputs, hasBatchAxis }: { readonly inputs: readonly TensorLayout[]; readonly hasBatchAxis: boolean },
): number {
  let longest = 1;
  for (const spec of specs) {
    const shape = inputs.find(({ name }) => name === spec.name)?.shape ?? [];
    let length = 1;
    for (let axis = hasBatchAxis ? 1 : 0; axis < shape.length; axis++) {
      if (spec.shape[axis] === -1) length *= shape[axis] ?? 1;
    }
    longest = Math.max(longest, length);
  }
  return longest;
}
