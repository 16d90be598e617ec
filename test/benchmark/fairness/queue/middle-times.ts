/**
 * Times of what was done three times over, without what hit only one of them: of each place, the middle of the three times. Where
 * one is not known (Infinity) that is the longer of the others; what is known but once is left out.
 */
export function middleTimes(runs: readonly (readonly number[])[]): number[] {
  const [first = []] = runs;
  return known(first.map((_, place) => middle(runs.map((times) => times[place] ?? Infinity))));
}

/** Those that are known. */
export function known(times: readonly number[]): number[] {
  return times.filter(Number.isFinite);
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
}
