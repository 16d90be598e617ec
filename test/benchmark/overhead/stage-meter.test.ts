import { expect, test } from "vitest";
import { createStageMeter } from "./stage-meter.ts";

const timings = { queuedMs: 1, batchMs: 2, transferMs: 3, inferenceMs: 4, totalMs: 15 };

test("createStageMeter() splits the mean latency into stages that add up to it, and starts anew when asked", () => {
  const meter = createStageMeter();
  expect(meter.take()).toBeUndefined();
  for (let count = 0; count < 100; count++) meter.add(timings);
  const stages = meter.take();
  expect(stages).toEqual({ queue: 1, batch: 2, transfer: 3, engine: 4, return: 5 });
  expect(meter.take()).toBeUndefined();
});
