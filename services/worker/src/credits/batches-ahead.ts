/**
 * How many batches more than its engines can run a model may be sent. One whose batches take no time to speak of would else wait
 * for a round trip behind each of them; and what travels together is read and written together, which is most of what such a
 * batch costs.
 */
export interface BatchesAhead {
  /** Of the models that may be sent more, how many more for each engine. */
  readonly counts: ReadonlyMap<string, number>;
  /** Notes what a batch cost, in milliseconds. One that did not run says nothing. */
  note(model: string, costMs: number): void;
}

/** What a batch may have to wait for those ahead of it, in milliseconds: who comes in that time is not in it. */
const aheadMs = 1;

/**
 * The longest of so many batches but one counts: where long ones come among short ones they are expected again, but one time that
 * a process had to wait for its processor says nothing of the model.
 */
const rememberedCount = 8;

function longestButOne(costs: readonly number[]): number {
  return costs.toSorted((a, b) => b - a)[1] ?? Infinity;
}

/** Begins without: a model is sent more once its first eight batches were short. */
export function createBatchesAhead(): BatchesAhead {
  const counts = new Map<string, number>();
  const recent = new Map<string, number[]>();
  return {
    counts,
    note: (model, costMs) => {
      if (costMs <= 0) return;
      const costs = recent.get(model) ?? [];
      recent.set(model, costs);
      costs.push(costMs);
      if (costs.length > rememberedCount) costs.shift();
      const count = costs.length < rememberedCount ? 0 : Math.floor(aheadMs / longestButOne(costs));
      if (count > 0) counts.set(model, count);
      else counts.delete(model);
    },
  };
}
