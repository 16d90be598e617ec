import type { ModelReport, WorkerLatencyReport } from "@sluice/protocol";
import { itemsForTimeout } from "@sluice/scheduling";

/** What callers may allow, in milliseconds, from a keystroke to a page. */
export const shownTimeoutsMs: readonly number[] = [10, 25, 50, 100, 200, 500];

/** Lengths that are shown of a model whose rows differ. */
const shownLengths: readonly number[] = [16, 64, 256];

/** Batch sizes that a worker would be given, for rows of one length. */
export interface ChosenSizes {
  readonly worker: string;
  readonly length: number;
  /** One for each of {@link shownTimeoutsMs}; 0 = no answer would be in time. */
  readonly items: readonly number[];
}

/** The lengths to look at: the one that was asked for, or some. */
export function lengthsOf(
  { hasLengths }: Pick<ModelReport, "hasLengths">,
  asked: number | undefined,
): readonly number[] {
  if (!hasLengths) return [1];
  return asked === undefined ? shownLengths : [asked];
}

/** The batch sizes that the workers of a model would be given, for each length. */
export function chooseSizes(report: ModelReport, lengths: readonly number[]): ChosenSizes[] {
  const { maxBatchSize: maxItems, workers } = report;
  const sizes = ({ worker, latency }: WorkerLatencyReport): ChosenSizes[] => {
    if (latency === undefined) return [];
    const limits = { maxItems, workerCount: workers.length };
    return lengths.map((length) => ({
      worker,
      length,
      items: shownTimeoutsMs.map((timeoutMs) => itemsForTimeout(latency, { ...limits, length, timeoutMs })),
    }));
  };
  return workers.flatMap(sizes);
}
