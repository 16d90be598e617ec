/** Name (with its unit: `_seconds`, `_bytes`, `_total`), meaning and labels of a metric. */
export interface MetricOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
}

export interface HistogramOptions<Label extends string> extends MetricOptions<Label> {
  /** Upper bounds of the buckets, growing. */
  readonly buckets?: readonly number[];
}
