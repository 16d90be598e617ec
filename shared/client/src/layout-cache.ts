import type { Tensor, TensorLayout } from "@sluice/protocol";

/** Gives requests with equal inputs one list of layouts: the codec recognises it without looking into it. */
export class LayoutCache {
  #last: readonly TensorLayout[] = [];

  /** The layouts of `tensors`, the list of the last call where they are equal. */
  layoutsOf(tensors: readonly Tensor[]): readonly TensorLayout[] {
    if (!isSame(tensors, this.#last)) {
      // Callers may use their shapes again for something else.
      this.#last = tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] }));
    }
    return this.#last;
  }
}

function isSame(left: readonly TensorLayout[], right: readonly TensorLayout[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((layout, index) => {
    const other = right[index];
    return (
      other !== undefined &&
      layout.name === other.name &&
      layout.datatype === other.datatype &&
      layout.shape.length === other.shape.length &&
      layout.shape.every((size, axis) => size === other.shape[axis])
    );
  });
}
