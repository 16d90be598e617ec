import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import type { EngineTensor } from "../engine.ts";
import { loadOnnxEngine } from "./onnx-engine.ts";

/** The slowest model there is: 100 ms and more for a batch. */
const modelPath = fileURLToPath(
  new URL("../../../../deploy/models/text-recognition/1/model.onnx", import.meta.url),
);

const runCount = 30;
const batchSize = 8;

/** What a worker's main thread may be held up, in 99 of 100 looks. */
const mostDelayMs = 20;

const spinMs = 3000;

describe("loadOnnxEngine()", () => {
  test("keeps the event loop free while a large model runs", { timeout: 180_000 }, async () => {
    await using engine = await loadOnnxEngine({ modelPath, clock: systemClock, hasBatchAxis: true });
    await engine.run([strips(batchSize)]);
    const delayMs = await delayBeside(async () => {
      for (let run = 0; run < runCount; run += 1) await engine.run([strips(batchSize)]);
    });
    // A machine that is short of processors holds up whoever runs beside a busy thread, whatever that does.
    const plainDelayMs = await delayBeside(spin);
    expect(delayMs).toBeLessThan(Math.max(mostDelayMs, 3 * plainDelayMs));
  });
});

/** How long this thread's event loop is held up during some work: the 99th percentile, in milliseconds. */
async function delayBeside(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await work();
  delay.disable();
  return delay.percentile(99) / 1e6;
}

/** Keeps another thread busy with nothing. */
async function spin(): Promise<void> {
  const thread = new Worker(`const end = Date.now() + ${spinMs}; while (Date.now() < end);`, { eval: true });
  await once(thread, "exit");
}

/** Empty strips of 48 x 320 pixels. */
function strips(count: number): EngineTensor {
  const shape = [count, 3, 48, 320];
  return { name: "x", datatype: "FP32", shape, buffer: new Float32Array(count * 3 * 48 * 320).buffer };
}
