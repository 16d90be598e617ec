import { Gauge, Histogram, Registry } from "prom-client";
import { registerProcessMetrics } from "./process-metrics.ts";
import type { HistogramOptions, MetricOptions } from "./metric-options.ts";
import { createTalliedCounter, type Counter } from "./tallied-counter.ts";

/** The metrics of one process. A metric is created once; on hot paths keep what `labels(…)` of a counter returns. */
export interface Metrics extends Disposable {
  counter(options: MetricOptions<string>): Counter;
  gauge<Label extends string = never>(options: MetricOptions<Label>): Gauge<Label>;
  histogram<Label extends string = never>(options: HistogramOptions<Label>): Histogram<Label>;
  /** Media type of {@link text}. */
  readonly contentType: string;
  /** Everything in the Prometheus text format. */
  text(): Promise<string>;
}

/** Creates a registry of its own, with the label `service` on everything and the metrics of the process. Disposal stops all measuring. */
export function createMetrics({ service }: { readonly service: string }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const processMetrics = registerProcessMetrics(registry);
  const registers = [registry];
  return {
    contentType: registry.contentType,
    counter: (options) => createTalliedCounter(options, registry),
    gauge: <Label extends string>(options: MetricOptions<Label>) =>
      new Gauge<Label>({ ...options, registers }),
    histogram: <Label extends string>({ buckets, ...options }: HistogramOptions<Label>) =>
      new Histogram<Label>({
        ...options,
        ...(buckets === undefined ? {} : { buckets: [...buckets] }),
        registers,
      }),
    text: () => registry.metrics(),
    [Symbol.dispose]() {
      processMetrics[Symbol.dispose]();
      registry.clear();
    },
  };
}
