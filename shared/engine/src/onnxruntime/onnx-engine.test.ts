import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeStrings, stringsOf } from "@sluice/protocol";
import { systemClock } from "@sluice/runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeEngine } from "../contract.ts";
import type { Engine, EngineTensor } from "../engine.ts";
import { encodeOneOpModel, type OneOpModel } from "./one-op-model.ts";
import { loadOnnxEngine } from "./onnx-engine.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-engine-"));
});

afterAll(() => rm(folder, { recursive: true }));

describeEngine("loadOnnxEngine()", async () => ({
  engine: await loadOneOp(matrixProduct),
  validInputs: () => [aMatrix("a", [2, 2]), aMatrix("b", [2, 2])],
  slowInputs: () => [aMatrix("a", [1500, 1500]), aMatrix("b", [1500, 1500])],
  failingInputs: () => [aMatrix("a", [2, 3]), aMatrix("b", [2, 3])],
}));

/** Both first axes are named alike so that the model has a batch axis; it fails unless the matrices are square. */
const matrixProduct: OneOpModel = {
  op: "MatMul",
  inputs: [
    { name: "a", elementType: 1, shape: ["batch", "n"] },
    { name: "b", elementType: 1, shape: ["batch", "m"] },
  ],
  outputs: [{ name: "product", elementType: 1, shape: ["batch", "m"] }],
};

describe("loadOnnxEngine()", () => {
  test("computes what the model says", async () => {
    await using engine = await loadOneOp(matrixProduct);
    const { outputs } = await engine.run([
      { ...aMatrix("a", [2, 2]), buffer: new Float32Array([1, 2, 3, 4]).buffer },
      { ...aMatrix("b", [2, 2]), buffer: new Float32Array([5, 6, 7, 8]).buffer },
    ]);
    expect(outputs.map(({ name, shape }) => ({ name, shape }))).toEqual([{ name: "product", shape: [2, 2] }]);
    expect(outputs.flatMap(({ buffer }) => Array.from(new Float32Array(buffer)))).toEqual([19, 22, 43, 50]);
  });

  test.each([
    { elementType: 1, datatype: "FP32", bytes: 8 },
    { elementType: 2, datatype: "UINT8", bytes: 2 },
    { elementType: 3, datatype: "INT8", bytes: 2 },
    { elementType: 4, datatype: "UINT16", bytes: 4 },
    { elementType: 5, datatype: "INT16", bytes: 4 },
    { elementType: 6, datatype: "INT32", bytes: 8 },
    { elementType: 7, datatype: "INT64", bytes: 16 },
    { elementType: 9, datatype: "BOOL", bytes: 2 },
    { elementType: 10, datatype: "FP16", bytes: 4 },
    { elementType: 11, datatype: "FP64", bytes: 16 },
    { elementType: 12, datatype: "UINT32", bytes: 8 },
    { elementType: 13, datatype: "UINT64", bytes: 16 },
  ] as const)("passes $datatype through unchanged", async ({ elementType, datatype, bytes }) => {
    await using engine = await loadOneOp(identity({ elementType, shape: ["batch"] }));
    const elements = Uint8Array.from({ length: bytes }, (_, index) =>
      datatype === "BOOL" ? index % 2 : index,
    );
    const { outputs } = await engine.run([
      { name: "in", datatype, shape: [2], buffer: elements.slice().buffer },
    ]);
    expect(outputs.map(({ datatype }) => datatype)).toEqual([datatype]);
    expect(outputs.map(({ buffer }) => new Uint8Array(buffer))).toEqual([elements]);
  });

  test("passes BYTES through as text", async () => {
    await using engine = await loadOneOp(identity({ elementType: 8, shape: ["batch"] }));
    const words = ["", "Zürich", "東京", "\uFFFD", "\uFEFFa"];
    const buffer = new Uint8Array(encodeStrings(words)).buffer;
    const [output] = (await engine.run([{ name: "in", datatype: "BYTES", shape: [5], buffer }])).outputs;
    expect(output && stringsOf({ ...output, bytes: new Uint8Array(output.buffer) })).toEqual(words);
  });

  test.each([
    { text: "has U+0000", bytes: encodeStrings(["b", "a\0b"]) },
    { text: "is not UTF-8", bytes: Uint8Array.of(1, 0, 0, 0, 0x62, 2, 0, 0, 0, 0xff, 0xd8) },
  ])("refuses text that $text instead of running the model on another one", async ({ bytes }) => {
    await using engine = await loadOneOp(identity({ elementType: 8, shape: ["batch"] }));
    const buffer = bytes.slice().buffer;
    const run = engine.run([{ name: "in", datatype: "BYTES", shape: [2], buffer }]);
    await expect(run).rejects.toMatchObject({
      code: "invalidArgument",
      message: expect.stringContaining("UTF-8"),
    });
  });

  test("takes scalars", async () => {
    await using engine = await loadOneOp(identity({ elementType: 7, shape: [] }));
    const buffer = new BigInt64Array([16_000n]).buffer;
    const [output] = (await engine.run([{ name: "in", datatype: "INT64", shape: [], buffer }])).outputs;
    expect(output?.shape).toEqual([]);
    expect(output && new BigInt64Array(output.buffer)).toEqual(new BigInt64Array([16_000n]));
  });

  test("refuses text whose length prefixes do not fit its buffer", async () => {
    await using engine = await loadOneOp(identity({ elementType: 8, shape: ["batch"] }));
    const buffer = new ArrayBuffer(6);
    const run = engine.run([{ name: "in", datatype: "BYTES", shape: [1], buffer }]);
    await expect(run).rejects.toMatchObject({ code: "invalidArgument" });
  });

  test("takes a fixed first axis for the batch axis where it is told so, and then only as many rows", async () => {
    await using engine = await loadOneOp(identity({ elementType: 1, shape: [4, 2] }), { hasBatchAxis: true });
    expect(engine.signature).toMatchObject({ hasBatchAxis: true, fixedBatchSize: 4 });
    const rows = (count: number) => [{ ...aMatrix("in", [count, 2]) }];
    expect((await engine.run(rows(4))).outputs[0]?.shape).toEqual([4, 2]);
    await expect(engine.run(rows(3))).rejects.toMatchObject({ code: "invalidArgument" });
  });

  test.each([
    { file: "missing", content: undefined, code: "notFound" },
    { file: "text", content: Buffer.from("no model"), code: "invalidArgument" },
    { file: "empty", content: Buffer.alloc(0), code: "invalidArgument" },
    { file: "cut off", content: encodeOneOpModel(matrixProduct).slice(0, 40), code: "invalidArgument" },
    {
      file: "unknown operator",
      content: encodeOneOpModel({ ...matrixProduct, op: "Teleport" }),
      code: "unimplemented",
    },
    {
      file: "bfloat16",
      content: encodeOneOpModel(identity({ elementType: 16, shape: [1] })),
      code: "unimplemented",
    },
  ])(
    "tells of a model file that is $file with $code, and nothing foreign",
    async ({ file, content, code }) => {
      const modelPath = join(folder, `${file}.onnx`);
      if (content !== undefined) await writeFile(modelPath, content);
      const failure = await loadOnnxEngine({ modelPath, clock: systemClock }).catch(
        (error: unknown) => error,
      );
      expect(failure).toMatchObject({ code, cause: expect.any(Error) });
      expect(failure instanceof Error && failure.message).not.toContain(folder);
    },
  );

  test("tells of a provider that is not there with unavailable", async () => {
    const loading = loadOneOp(identity({ elementType: 1, shape: [4] }), { provider: "coreml" });
    await expect(loading).rejects.toMatchObject({ code: "unavailable" });
  });
});

function identity({ elementType, shape }: { elementType: number; shape: (number | string)[] }): OneOpModel {
  return {
    op: "Identity",
    inputs: [{ name: "in", elementType, shape }],
    outputs: [{ name: "out", elementType, shape }],
  };
}

async function loadOneOp(
  model: OneOpModel,
  options: Partial<Parameters<typeof loadOnnxEngine>[0]> = {},
): Promise<Engine> {
  const modelFolder = await mkdtemp(join(folder, "model-"));
  const modelPath = join(modelFolder, "model.onnx");
  await writeFile(modelPath, encodeOneOpModel(model));
  return loadOnnxEngine({ modelPath, clock: systemClock, ...options });
}

function aMatrix(name: string, [rows, columns]: readonly [number, number]): EngineTensor {
  const buffer = new Float32Array(rows * columns).buffer;
  return { name, datatype: "FP32", shape: [rows, columns], buffer };
}
