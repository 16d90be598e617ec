/** What passes of a batch beside its run, from when its worker is free until its answers are out: as seen by the owner. */
export interface AnswerDelay {
  /** Notes what passed of one batch. */
  note(delayMs: number): void;
  /** Notes that a worker got nothing, since all that waited was predicted to be late. */
  refused(nowMs: number): void;
  /** What it is to be reckoned with. */
  ms(): number;
}

/** Reckoned with while nothing is known: a few messages, and what a worker does before and after a run. */
const firstMs = 2;

/** Batches that count. */
const mostDelays = 64;

/** Of the delays, the part that is to be covered; and how much above the median that may be, so that a stall is not planned for. */
const coveredPart = 0.95;
const mostRatio = 3;

/** A quantile is looked up for so many batches. */
const batchesPerLook = 8;

/**
 * Refusals over so long without a batch that ends halve what is remembered: about as long as a short batch and its answers take in an
 * overload, so that what was given before has been noted by then.
 */
const doubtMs = 50;

/**
 * Creates a delay that follows the last batches, whoever ran them. It cannot lock itself in: where it is so long that everything is
 * refused no batch corrects it, so it shrinks until something runs again.
 * Source: docs/decisions/0024.
 */
export function createAnswerDelay(): AnswerDelay {
  const delaysMs = new Float64Array(mostDelays);
  let count = 0;
  let reckonedMs = firstMs;
  /** Of the refusals since a batch ended last, or since what is remembered was halved; `undefined` without any. */
  let firstRefusalMs: number | undefined;

  const reckon = (): void => {
    const sorted = delaysMs.slice(0, Math.min(count, mostDelays)).sort();
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    reckonedMs = Math.min(at(coveredPart), firstMs + mostRatio * at(0.5));
  };

  return {
    note: (delayMs) => {
      delaysMs[count % mostDelays] = Math.max(0, delayMs);
      count += 1;
      firstRefusalMs = undefined;
      if (count % batchesPerLook === 0) reckon();
    },
    refused: (nowMs) => {
      firstRefusalMs ??= nowMs;
      if (nowMs - firstRefusalMs < doubtMs || count < batchesPerLook) return;
      firstRefusalMs = nowMs;
      delaysMs.forEach((delayMs, index) => {
        delaysMs[index] = delayMs / 2;
      });
      reckon();
    },
    ms: () => reckonedMs,
  };
}
