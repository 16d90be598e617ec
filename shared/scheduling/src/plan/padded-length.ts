/** Lengths between two powers of two: padding adds less than a quarter, and the lengths up to 128 are 24. */
const stepsPerDoubling = 4;

/**
 * The length that rows of `length` are padded to, so that an engine sees few different shapes: each whole number up to
 * eight, then four lengths for each doubling (10, 12, 14, 16, 20, …).
 */
export function paddedLength(length: number): number {
  if (length <= stepsPerDoubling) return Math.max(1, length);
  const step = 2 ** Math.floor(Math.log2(length)) / stepsPerDoubling;
  return Math.ceil(length / step) * step;
}
