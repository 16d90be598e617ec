export interface StaggerOptions {
  /** From the beginning of the run until each of the other busy slots is free. */
  readonly othersFreeInMs: readonly number[];
  readonly leastItems: number;
  readonly mostItems: number;
  /** How long a run of so many items takes. */
  runMs(items: number): number;
}

/** Busy slots beyond which ends are not kept apart: of so many, one is free soon whatever they do. */
const mostSlots = 8;

/** Two slots are free together if this part of the time lies between them that would if all were as far apart as can be. */
const togetherRatio = 1 / 8;

/**
 * How many items of those that wait to put in a batch: fewer than the most where its slot would otherwise be free together with
 * another. Slots whose runs take equally long keep the distance that they have: where they are free together, who comes a moment
 * later waits for a whole run, time and again. One smaller batch moves a slot for good.
 *
 * Source: docs/decisions/0026.
 */
export function staggeredItems({ othersFreeInMs, leastItems, mostItems, runMs }: StaggerOptions): number {
  const slotCount = othersFreeInMs.length + 1;
  if (slotCount === 1 || slotCount > mostSlots) return mostItems;
  const distanceMs = (items: number): number => {
    const ownMs = runMs(items);
    return Math.min(...othersFreeInMs.map((otherMs) => Math.abs(otherMs - ownMs)));
  };
  let bestItems = mostItems;
  let bestMs = distanceMs(mostItems);
  if (bestMs >= (togetherRatio * runMs(mostItems)) / slotCount) return mostItems;
  for (let items = mostItems - 1; items >= leastItems; items--) {
    const apartMs = distanceMs(items);
    if (apartMs <= bestMs) continue;
    bestItems = items;
    bestMs = apartMs;
  }
  return bestItems;
}
