/** Part of the requests that has to be on time. */
const onTimeBar = 0.99;
/** Halvings of the loads in question: they tell loads apart that differ by 0.007 of the capacity. */
const halvings = 7;
const mostLoad = 1.1;
const leastLoad = 0.2;
const resolution = (mostLoad - leastLoad) / 2 ** halvings;

/**
 * The largest load, as a part of the capacity, at which 99 of 100 requests that are sent are on time; 0 if there is none from 0.2 on.
 * @param onTimeAt - the part that is on time at a load; it must use the same random numbers at every load
 */
export function goodputRatio(onTimeAt: (load: number) => number): number {
  let good = leastLoad;
  let bad = mostLoad;
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (good + bad) / 2;
    if (onTimeAt(middle) >= onTimeBar) good = middle;
    else bad = middle;
  }
  return good === leastLoad && onTimeAt(leastLoad) < onTimeBar ? 0 : good;
}

/** The largest {@link goodputRatio} of several, without looking closer at those that carry no more than the best so far. */
export function bestGoodputRatio(several: readonly ((load: number) => number)[]): number {
  let best = 0;
  for (const onTimeAt of several) {
    if (best > 0 && onTimeAt(best + resolution) < onTimeBar) continue;
    best = Math.max(best, goodputRatio(onTimeAt));
  }
  return best;
}
