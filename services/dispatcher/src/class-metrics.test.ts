import { createMetrics } from "@sluice/runtime";
import { expect, test } from "vitest";
import { createClassMetrics } from "./class-metrics.ts";
import type { DispatcherEvent } from "./event.ts";

function aSample(classes: Extract<DispatcherEvent, { type: "poolSampled" }>["classes"]): DispatcherEvent {
  return {
    type: "poolSampled",
    pool: "gpu",
    epoch: 1,
    queuedCount: 0,
    queuedBytes: 0,
    oldestMs: 0,
    batchCount: 0,
    creditCount: 0,
    classes,
  };
}

test("createClassMetrics() has all classes of a pool, and keeps what they received when it is lost", async () => {
  using metrics = createMetrics({ service: "dispatcher" });
  const onEvent = createClassMetrics(metrics);
  const series = async (name: string): Promise<string[]> =>
    (await metrics.text()).split("\n").filter((line) => line.startsWith(`sluice_dispatcher_class_${name}{`));
  onEvent(aSample([{ class: "urgent", waitingCount: 3, inFlightCount: 1, receivedMs: 250 }]));
  onEvent(aSample([{ class: "urgent", waitingCount: 2, inFlightCount: 1, receivedMs: 500 }]));
  expect(await series("queued_requests")).toEqual([
    expect.stringMatching(/class="urgent".* 2$/),
    expect.stringMatching(/class="normal".* 0$/),
    expect.stringMatching(/class="background".* 0$/),
  ]);
  onEvent({ type: "poolLost", pool: "gpu", epoch: 1, reason: "released" });
  expect((await series("queued_requests"))[0]).toMatch(/class="urgent".* 0$/);
  expect((await series("requests_in_flight"))[0]).toMatch(/class="urgent".* 0$/);
  expect((await series("received_seconds_total"))[0]).toMatch(/class="urgent".* 0\.75$/);
});
