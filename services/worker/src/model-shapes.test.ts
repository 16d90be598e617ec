import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { encodeOneOpModel, type OneOpModel } from "@sluice/engine/contract";
import type { AdmittedRequest, Frame, Tensor } from "@sluice/protocol";
import { stringsOf, tensorOf, typedArrayOf } from "@sluice/protocol";
import { anAdmittedRequest } from "@sluice/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { answerBatch } from "./fixtures/answer-batch.ts";
import { loadRepository, type LoadedModels } from "./fixtures/load-repository.ts";
import type { ServedModel } from "./models/served-model.ts";
import type { WorkerEvent } from "./worker-event.ts";

const float = 1;
const text = 8;

/** One input `x` and one output `y` of the same shape. */
function aModelOf(op: string, elementType: number, shape: readonly (number | string)[]): OneOpModel {
  return {
    op,
    inputs: [{ name: "x", elementType, shape }],
    outputs: [{ name: "y", elementType, shape }],
  };
}

/** Models that turn signs round, or give their inputs back, in every way that a file may declare its rows; with their descriptions. */
const files: Readonly<Record<string, { readonly model: OneOpModel; readonly yaml: string }>> = {
  rows: {
    model: aModelOf("Neg", float, ["batch", 2]),
    yaml: "limits: { maxBatchSize: 4, maxRequestItems: 10 }",
  },
  ragged: { model: aModelOf("Neg", float, ["batch", "n"]), yaml: "limits: { maxBatchSize: 4 }" },
  fixed: { model: aModelOf("Neg", float, [4, 2]), yaml: "hasBatchAxis: true" },
  unbatched: { model: aModelOf("Neg", float, [2]), yaml: "" },
  words: { model: aModelOf("Identity", text, ["batch"]), yaml: "limits: { maxBatchSize: 4 }" },
  sums: {
    model: {
      op: "Add",
      inputs: [
        { name: "a", elementType: float, shape: ["batch", 2] },
        { name: "b", elementType: float, shape: ["batch", 1] },
      ],
      outputs: [{ name: "y", elementType: float, shape: ["batch", 2] }],
    },
    yaml: "limits: { maxBatchSize: 4 }",
  },
};

let folder: string;
let models: LoadedModels;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-shapes-"));
  for (const [name, { model, yaml }] of Object.entries(files)) {
    await mkdir(join(folder, name, "1"), { recursive: true });
    await writeFile(join(folder, name, "model.yaml"), `name: ${name}\nengine: onnxruntime\n${yaml}\n`);
    await writeFile(join(folder, name, "1", "model.onnx"), encodeOneOpModel(model));
  }
  models = await loadRepository(folder);
});

afterAll(async () => {
  await models[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function modelOf(name: string): ServedModel {
  const model = models.get(name);
  if (model === undefined) throw new Error(`${name} is not loaded`);
  return model;
}

function aRequest(id: string, ...inputs: readonly Tensor[]): AdmittedRequest {
  return anAdmittedRequest({
    id,
    timeoutMs: 0,
    items: inputs[0]?.shape[0] ?? 1,
    inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
    body: [Buffer.concat(inputs.map(({ bytes }) => bytes))],
  });
}

/** Rows of numbers that differ from those of any other `start`. */
function numbers(name: string, shape: readonly number[], start = 0): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return tensorOf(
    name,
    Float32Array.from({ length: count }, (_, index) => start + index + 1),
    shape,
  );
}

/** What came out of a request: shape and elements. */
function outputOf({ outputs, body, message }: Frame) {
  const [layout] = outputs;
  const [bytes] = body;
  if (layout === undefined || bytes === undefined) throw new Error(`no output: ${message}`);
  const tensor = { ...layout, bytes };
  const isText = layout.datatype === "BYTES";
  return {
    shape: layout.shape,
    elements: isText ? stringsOf(tensor) : Array.from(typedArrayOf(tensor), Number),
  };
}

function negated({ shape, bytes }: Tensor) {
  const elements = Array.from(new Float32Array(bytes.slice().buffer), (element) => -element);
  return { shape, elements };
}

/** Rows and items of each run. */
function runsOf(events: readonly WorkerEvent[]): number[][] {
  return events.flatMap((event) =>
    event.type === "engineRan" ? [[event.shape?.rowCount ?? 0, event.items]] : [],
  );
}

function byId(frames: readonly Frame[]): Map<string, Frame> {
  return new Map(frames.map((frame) => [frame.id, frame]));
}

describe("requests of one model", () => {
  test("run together whatever their number of rows, and get their own rows back", async () => {
    const [one, two] = [numbers("x", [1, 2]), numbers("x", [3, 2], 100)];
    const { frames, events } = await answerBatch(modelOf("rows"), [aRequest("r1", one), aRequest("r2", two)]);
    expect(runsOf(events)).toEqual([[4, 4]]);
    expect(frames.map(outputOf)).toEqual([negated(one), negated(two)]);
  });

  test("run apart when the lengths of their rows differ, and are never padded", async () => {
    const inputs = [numbers("x", [1, 3]), numbers("x", [2, 5], 10), numbers("x", [2, 3], 20)];
    const requests = inputs.map((input, index) => aRequest(`r${index}`, input));
    const { frames, events } = await answerBatch(modelOf("ragged"), requests);
    expect(runsOf(events)).toEqual([
      [3, 3],
      [2, 2],
    ]);
    const answers = byId(frames);
    for (const [index, input] of inputs.entries()) {
      const frame = answers.get(`r${index}`);
      expect(frame && outputOf(frame)).toEqual(negated(input));
    }
  });

  test("run together with texts of any length", async () => {
    const texts = [["", "Zürich"], ["東京"]];
    const requests = texts.map((list, index) => aRequest(`r${index}`, tensorOf("x", list)));
    const { frames, events } = await answerBatch(modelOf("words"), requests);
    expect(runsOf(events)).toEqual([[3, 3]]);
    expect(frames.map((frame) => outputOf(frame).elements)).toEqual(texts);
  });

  test("run one by one where the model has no batch axis", async () => {
    expect(modelOf("unbatched").signature).toMatchObject({ hasBatchAxis: false, maxBatchSize: 1 });
    const inputs = [numbers("x", [2]), numbers("x", [2], 10)];
    const requests = inputs.map((input, index) => aRequest(`r${index}`, input));
    const { frames, events } = await answerBatch(modelOf("unbatched"), requests);
    expect(runsOf(events)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(frames.map(outputOf)).toEqual(inputs.map(negated));
  });
});

describe("a model with a fixed batch size", () => {
  test("is called with any number of rows", () => {
    expect(modelOf("fixed").signature).toMatchObject({ maxBatchSize: 4, maxRequestItems: 1024 });
    expect(modelOf("fixed").signature.forms[0]?.inputs).toEqual([
      { name: "x", datatype: "FP32", shape: [-1, 2] },
    ]);
  });

  test("gets runs that are filled up, and nobody sees what fills them", async () => {
    const inputs = [numbers("x", [1, 2]), numbers("x", [2, 2], 10), numbers("x", [3, 2], 20)];
    const requests = inputs.map((input, index) => aRequest(`r${index}`, input));
    const { frames, events } = await answerBatch(modelOf("fixed"), requests);
    expect(runsOf(events)).toEqual([
      [4, 3],
      [4, 3],
    ]);
    expect(frames.map(outputOf)).toEqual(inputs.map(negated));
  });

  test("gets a request of more rows in several runs", async () => {
    const input = numbers("x", [6, 2]);
    const { frames, events } = await answerBatch(modelOf("fixed"), [aRequest("r1", input)]);
    expect(runsOf(events)).toEqual([
      [4, 4],
      [4, 2],
    ]);
    expect(frames.map(outputOf)).toEqual([negated(input)]);
  });
});

describe("a request of more rows than a run", () => {
  test("is answered with all its rows in their order", async () => {
    const input = numbers("x", [10, 2]);
    const { frames, events } = await answerBatch(modelOf("rows"), [aRequest("r1", input)]);
    expect(runsOf(events)).toEqual([
      [4, 4],
      [4, 4],
      [2, 2],
    ]);
    expect(frames.map(outputOf)).toEqual([negated(input)]);
  });

  test("is cut alike in all its inputs", async () => {
    const [a, b] = [numbers("a", [6, 2]), numbers("b", [6, 1], 100)];
    const { frames, events } = await answerBatch(modelOf("sums"), [aRequest("r1", b, a)]);
    expect(runsOf(events)).toEqual([
      [4, 4],
      [2, 2],
    ]);
    const sums = Array.from({ length: 12 }, (_, index) => index + 1 + (101 + Math.floor(index / 2)));
    expect(frames.map(outputOf)).toEqual([{ shape: [6, 2], elements: sums }]);
  });

  test("is cut between texts of any length", async () => {
    const texts = ["a", "", "ccc", "Zürich", "東京", "f"];
    const { frames, events } = await answerBatch(modelOf("words"), [aRequest("r1", tensorOf("x", texts))]);
    expect(runsOf(events)).toEqual([
      [4, 4],
      [2, 2],
    ]);
    expect(frames.map(outputOf)).toEqual([{ shape: [6], elements: texts }]);
  });
});
