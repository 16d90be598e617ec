import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { systemClock } from "@sluice/runtime";
import { describe, expect, test } from "vitest";
import type { EngineTensor } from "../engine.ts";
import { loadOnnxEngine } from "./onnx-engine.ts";

/** The slowest model there is: 100 ms and more for a batch of 4. */
const modelPath = fileURLToPath(
  new URL("../../../../deploy/models/text-recognition/1/model.onnx", import.meta.url),
);

const runCount = 10;

describe("loadOnnxEngine()", () => {
  test("keeps the event loop free while a large model runs", { timeout: 120_000 }, async () => {
    await using engine = await loadOnnxEngine({ modelPath, clock: systemClock, hasBatchAxis: true });
    await engine.run([strips(4)]);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    let busyMs = 0;
    for (let run = 0; run < runCount; run += 1) busyMs += (await engine.run([strips(4)])).inferenceMs;
    delay.disable();
    // A model that ran on the loop would hold it up for a whole run, each time.
    expect(delay.percentile(90) / 1e6).toBeLessThan(busyMs / runCount / 2);
  });
});

/** Empty strips of 48 x 320 pixels. */
function strips(count: number): EngineTensor {
  const shape = [count, 3, 48, 320];
  return { name: "x", datatype: "FP32", shape, buffer: new Float32Array(count * 3 * 48 * 320).buffer };
}
