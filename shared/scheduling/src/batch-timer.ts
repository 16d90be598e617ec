/** Predicts how long an engine will take for a batch, from what its batches took before. */
export interface BatchTimer {
  /** Expected engine time in milliseconds, for `items` at least 1; `undefined` while nothing is known of the model. */
  predictMs(model: string, items: number): number | undefined;
  /** Notes that a batch of `items` kept the engine busy for `ms` milliseconds. */
  observe(model: string, items: number, ms: number): void;
}

/** Sizes between two powers of two share one estimate. */
interface Bucket {
  items: number;
  ms: number;
  count: number;
}

/** Weight of a new observation: about the last ten batches count. */
const weight = 0.2;

/** A single observation moves an estimate as if it had been at most this many times as long: one stall says little. */
const outlierRatio = 4;

/**
 * Creates a timer: an exponentially weighted mean for each model and power of two of the batch size, with straight lines
 * between them. The first observation of a bucket is taken as it is and replaced by the second, because first runs of a
 * shape pay for compilation and allocation.
 */
export function createBatchTimer(): BatchTimer {
  const models = new Map<string, (Bucket | undefined)[]>();

  return {
    predictMs: (model, items) => {
      const known = models.get(model)?.filter((bucket) => bucket !== undefined);
      return known === undefined ? undefined : interpolateMs(known, items);
    },
    observe: (model, items, ms) => {
      let buckets = models.get(model);
      if (buckets === undefined) {
        buckets = [];
        models.set(model, buckets);
      }
      const index = Math.floor(Math.log2(Math.max(1, items)));
      const bucket = buckets[index];
      if (bucket === undefined) {
        buckets[index] = { items, ms, count: 1 };
        return;
      }
      bucket.count += 1;
      const share = bucket.count === 2 ? 1 : weight;
      const boundedMs = bucket.count === 2 ? ms : Math.min(ms, bucket.ms * outlierRatio);
      bucket.items += share * (items - bucket.items);
      bucket.ms += share * (boundedMs - bucket.ms);
    },
  };
}

/** Reads the line through `buckets`, which are in order of size. Beyond its ends: the smallest as it is, the largest in proportion. */
function interpolateMs(buckets: readonly Bucket[], items: number): number | undefined {
  let below: Bucket | undefined;
  for (const bucket of buckets) {
    if (bucket.items >= items) {
      if (below === undefined) return bucket.ms;
      const position = (items - below.items) / (bucket.items - below.items);
      return below.ms + position * (bucket.ms - below.ms);
    }
    below = bucket;
  }
  return below === undefined ? undefined : (below.ms * items) / below.items;
}
