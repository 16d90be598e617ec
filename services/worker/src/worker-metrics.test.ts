import { createMetrics } from "@sluice/runtime";
import { describe, expect, test } from "vitest";

import { createWorkerMetrics } from "./worker-metrics.ts";

describe("createWorkerMetrics()", () => {
  test("counts requests by how they ended", async () => {
    using metrics = createMetrics({ service: "worker" });
    const onEvent = createWorkerMetrics(metrics);
    onEvent({
      type: "requestsAnswered",
      model: "echo",
      codes: new Map([
        ["ok", 3],
        ["deadlineExceeded", 1],
      ]),
    });
    const text = await metrics.text();
    expect(text).toContain('sluice_worker_requests_total{model="echo",code="ok",service="worker"} 3');
    expect(text).toContain(
      'sluice_worker_requests_total{model="echo",code="deadlineExceeded",service="worker"} 1',
    );
  });

  test("measures padding, and counts the different shapes that engines were given", async () => {
    using metrics = createMetrics({ service: "worker" });
    const onEvent = createWorkerMetrics(metrics);
    const run = {
      type: "engineRan",
      model: "echo",
      items: 3,
      requestCount: 3,
      inferenceMs: 1,
      transferMs: 0,
    } as const;
    onEvent({ ...run, shape: { rowCount: 4, length: 10, elements: 24 } });
    onEvent({ ...run, shape: { rowCount: 4, length: 10, elements: 30 } });
    onEvent({ ...run, shape: { rowCount: 3, length: 10, elements: 30 } });
    const text = await metrics.text();
    expect(text).toContain('sluice_worker_elements_total{model="echo",service="worker"} 110');
    expect(text).toContain('sluice_worker_padding_elements_total{model="echo",service="worker"} 26');
    expect(text).toContain('sluice_worker_run_shapes{model="echo",service="worker"} 2');
  });

  test("counts batches that were bound early beside those that were not", async () => {
    using metrics = createMetrics({ service: "worker" });
    const onEvent = createWorkerMetrics(metrics);
    const started = { type: "batchStarted", batchId: "b", model: "echo" } as const;
    onEvent({ ...started, earlyMs: 0.5, isBoundEarly: false });
    onEvent({ ...started, earlyMs: 9, isBoundEarly: true });
    const text = await metrics.text();
    expect(text).toContain('sluice_worker_batches_bound_early_total{model="echo",service="worker"} 1');
    expect(text).toMatch(/sluice_worker_early_bind_seconds_count\{[^}]*\} 2\n/u);
  });

  test("measures runs in seconds and shows what is on its way", async () => {
    using metrics = createMetrics({ service: "worker" });
    const onEvent = createWorkerMetrics(metrics);
    onEvent({ type: "engineRan", model: "echo", items: 8, requestCount: 4, inferenceMs: 250, transferMs: 1 });
    onEvent({ type: "packSent", frameCount: 4 });
    onEvent({ type: "packSent", frameCount: 4 });
    onEvent({ type: "packDelivered", frameCount: 4, attemptCount: 2 });
    const text = await metrics.text();
    expect(text).toMatch(/sluice_worker_inference_seconds_sum\{[^}]*\} 0\.25\n/u);
    expect(text).toContain('sluice_worker_packs_pending{service="worker"} 1');
    expect(text).toContain('sluice_worker_packs_resent_total{service="worker"} 1');
  });
});
