import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadOnnxEngine } from "@sluice/engine";
import { systemClock } from "@sluice/runtime";
import { expect, test } from "vitest";
import { encodeMatrixModel } from "./large-model.ts";

test("encodeMatrixModel() writes a file that onnxruntime loads, of as many weights as it says, that gives means of rows", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-large-model-"));
  const modelPath = join(folder, "model.onnx");
  const file = encodeMatrixModel({ width: 64, layerCount: 3 });
  await writeFile(modelPath, file);
  expect(file.byteLength).toBeGreaterThan(3 * 64 * 64 * Float32Array.BYTES_PER_ELEMENT);

  await using engine = await loadOnnxEngine({ modelPath, clock: systemClock, intraOpThreads: 1 });
  const rows = Float32Array.from({ length: 2 * 64 }, (_, index) => (index < 64 ? 1 : index - 64));
  const x = { name: "x", datatype: "FP32", shape: [2, 64], buffer: rows.buffer } as const;
  const { outputs } = await engine.run([x]);
  expect(outputs.map(({ name, shape }) => [name, shape])).toEqual([["y", [2, 64]]]);
  const means = new Float32Array(outputs[0]?.buffer ?? new ArrayBuffer(0));
  expect([means[0], means[63], means[64], means[127]]).toEqual([1, 1, 31.5, 31.5]);
  await rm(folder, { recursive: true, force: true });
});
