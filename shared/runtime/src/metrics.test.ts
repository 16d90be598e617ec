import { describe, expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

describe("createMetrics()", () => {
  test("writes every metric with the service and its own labels", async () => {
    using metrics = createMetrics({ service: "worker" });
    const batches = metrics.counter({ name: "batches_total", help: "Batches run", labelNames: ["model"] });
    batches.labels("echo").inc(2);
    metrics.gauge({ name: "queue_length", help: "Requests that wait" }).set(3);
    metrics.histogram({ name: "batch_seconds", help: "Time of a batch", buckets: [0.1, 1] }).observe(0.5);
    const text = await metrics.text();
    expect(text).toContain('batches_total{model="echo",service="worker"} 2');
    expect(text).toContain('queue_length{service="worker"} 3');
    expect(text).toContain('batch_seconds_bucket{le="0.1",service="worker"} 0');
    expect(text).toContain('batch_seconds_bucket{le="1",service="worker"} 1');
  });

  test("measures the process", async () => {
    using metrics = createMetrics({ service: "worker" });
    const text = await metrics.text();
    for (const name of [
      "process_cpu_seconds_total",
      "process_resident_memory_bytes",
      "nodejs_heap_size_used_bytes",
      "nodejs_external_memory_bytes",
      "nodejs_eventloop_lag_mean_seconds",
      "nodejs_eventloop_lag_max_seconds",
    ]) {
      expect(text).toMatch(new RegExp(`^${name}\\{service="worker"\\} \\d`, "m"));
    }
  });

  test("keeps registries apart", async () => {
    using one = createMetrics({ service: "one" });
    using other = createMetrics({ service: "other" });
    one.counter({ name: "batches_total", help: "Batches run" }).inc();
    expect(await other.text()).not.toContain("batches_total");
  });

  test("refuses one name twice", () => {
    using metrics = createMetrics({ service: "worker" });
    const options = { name: "batches_total", help: "Batches run" };
    metrics.counter(options);
    expect(() => metrics.counter(options)).toThrow("already been registered");
  });
});
