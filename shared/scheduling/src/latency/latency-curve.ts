/** What one run of an engine is given. */
export interface RunShape {
  /** Rows along the batch axis, at least 1. */
  readonly items: number;
  /** Elements in each row, padding included, at least 1; 1 for a model whose rows all have the same length. */
  readonly length: number;
}

/** How long an engine takes for a run, as a function of its shape. */
export interface LatencyCurve {
  /** What every run takes, whatever its shape. */
  readonly fixedMs: number;
  /** What each element of each row adds. */
  readonly perElementMs: number;
  /** What each pair of elements of one row adds: attention compares them all. */
  readonly perPairMs: number;
}

/** The time that a curve gives a run, in milliseconds. */
export function curveMs(
  { fixedMs, perElementMs, perPairMs }: LatencyCurve,
  { items, length }: RunShape,
): number {
  return fixedMs + items * length * (perElementMs + length * perPairMs);
}
