import { constants, PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics, setFlagsFromString } from "node:v8";

/** What a heap may grow by between two collections of all of it, in bytes. */
const allowanceBytes = 64 * 2 ** 20;

/** Most that it may grow by, in percent of what is in use: a heap that fills up later is not to be let go at that for long. */
const mostPercent = 400;

/**
 * Percent that a heap may grow by until all of it is collected: 64 MiB, at most four times what is in use. 0, which leaves it to
 * V8, for a heap of more than 64 MiB: there V8 allows enough.
 */
export function growthPercent(usedBytes: number): number {
  if (usedBytes > allowanceBytes) return 0;
  return Math.min(mostPercent, Math.floor((100 * allowanceBytes) / usedBytes));
}

/**
 * Lets the heap of this process grow by 64 MiB before V8 collects all of it. Tensors lie outside the heap, and their bytes count
 * toward its limit: V8 lets a heap of 16 MiB grow by as much again, and would collect all of it for every few tensors of a
 * megabyte. Young ones are collected without that. Until disposed of.
 */
export function letHeapGrow(): Disposable {
  const adjust = (): void => setGrowth(growthPercent(getHeapStatistics().used_heap_size));
  const observer = new PerformanceObserver((list) => {
    if (list.getEntries().some(isOfAll)) adjust();
  });
  adjust();
  observer.observe({ entryTypes: ["gc"] });
  return {
    [Symbol.dispose]: () => {
      observer.disconnect();
      setGrowth(0);
    },
  };
}

/** V8 reads this flag with every collection of the whole heap, in all threads of the process. */
function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** Whether an entry tells of a collection of the whole heap. Node's types do not say what entries of this kind have. */
function isOfAll(entry: object): boolean {
  const detail: unknown = "detail" in entry ? entry.detail : undefined;
  const isKnown = typeof detail === "object" && detail !== null && "kind" in detail;
  return isKnown && detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
}
