import { createMetrics } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import { createResultsMetrics } from "./results-metrics.ts";

describe("createResultsMetrics()", () => {
  test("counts what the events tell", async () => {
    using metrics = createMetrics({ service: "results" });
    const onEvent = createResultsMetrics(metrics);
    onEvent({
      type: "packTaken",
      worker: "w1",
      model: "echo",
      frameCount: 5,
      duplicateCount: 2,
      malformedCount: 1,
    });
    onEvent({
      type: "framesPublished",
      frameCount: 2,
      codes: new Map([
        ["ok", 1],
        ["internal", 1],
      ]),
    });
    onEvent({ type: "framesTooLarge", frameCount: 1 });
    onEvent({ type: "packAcknowledged", ackMs: 2, goneCount: 3 });
    onEvent({ type: "publishFailed", frameCount: 4, err: new Error("closed") });
    onEvent({ type: "packRefused", err: new Error("garbage") });
    const text = await metrics.text();
    for (const line of [
      'sluice_results_frames_total{code="ok",service="results"} 1',
      'sluice_results_frames_total{code="internal",service="results"} 1',
      'sluice_results_packs_total{service="results"} 1',
      'sluice_results_pack_frames_sum{service="results"} 5',
      'sluice_results_duplicate_frames_total{service="results"} 2',
      'sluice_results_malformed_frames_total{service="results"} 1',
      'sluice_results_too_large_frames_total{service="results"} 1',
      'sluice_results_gone_streams_total{service="results"} 3',
      'sluice_results_publish_failures_total{service="results"} 1',
      'sluice_results_refused_packs_total{service="results"} 1',
      'sluice_results_ack_seconds_sum{service="results"} 0.002',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });
});
