/** Lengths between two powers of two: padding adds less than an eighth, and the lengths up to 128 are 40. */
const stepsPerDoubling = 8;

/**
 * The length that rows of `length` are padded to, so that an engine sees few different shapes: each whole number up to
 * sixteen, then eight lengths for each doubling (18, 20, 22, 24, …, 32, 36, …).
 */
export function paddedLength(length: number): number {
  if (length <= stepsPerDoubling) return Math.max(1, length);
  const step = 2 ** Math.floor(Math.log2(length)) / stepsPerDoubling;
  return Math.ceil(length / step) * step;
}
