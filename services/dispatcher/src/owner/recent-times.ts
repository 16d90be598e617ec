/** Times kept: the 99th percentile is then the third largest, for a kilobyte. */
const mostTimes = 256;

/** The last few of many durations, in milliseconds. */
export class RecentTimes {
  readonly #times = new Float32Array(mostTimes);
  #count = 0;

  add(durationMs: number): void {
    this.#times[this.#count % mostTimes] = durationMs;
    this.#count += 1;
  }

  /** The durations that half and 99 of 100 of those kept do not exceed; `undefined` without any. */
  quantiles(): { readonly p50Ms: number; readonly p99Ms: number } | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#times.slice(0, Math.min(this.#count, mostTimes)).sort();
    const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}
