import { describe, expect, test } from "vitest";
import { toSignature } from "./declared-signature.ts";
import type { DeclaredTensor } from "./thread-messages.ts";

type Shape = DeclaredTensor["shape"];

function declared({ inputs, outputs }: { inputs: Shape[]; outputs: Shape[] }) {
  const tensors = (shapes: Shape[], name: string) =>
    shapes.map((shape, index) => ({ name: `${name}${index}`, type: "float32", shape }));
  return { inputs: tensors(inputs, "in"), outputs: tensors(outputs, "out") };
}

describe("toSignature()", () => {
  test.each<{ model: string; inputs: Shape[]; outputs: Shape[]; hasBatchAxis: boolean }>([
    {
      model: "one name on every first axis",
      inputs: [["batch", 620]],
      outputs: [["batch", 50]],
      hasBatchAxis: true,
    },
    {
      model: "a decoder with past keys",
      inputs: [
        ["batch", "seq"],
        ["batch", 4, "past", 24],
      ],
      outputs: [
        ["batch", "seq", 96],
        ["batch", 4, "total", 24],
      ],
      hasBatchAxis: true,
    },
    { model: "axes without names (Silero VAD)", inputs: [["", ""]], outputs: [["", 1]], hasBatchAxis: false },
    {
      model: "a state with the batch on its second axis",
      inputs: [
        ["B", 576],
        [2, "B", 128],
      ],
      outputs: [["B", 1]],
      hasBatchAxis: false,
    },
    { model: "a scalar input", inputs: [["B", 576], []], outputs: [["B", 1]], hasBatchAxis: false },
    {
      model: "a name for each axis (PaddleOCR)",
      inputs: [["d0", 3]],
      outputs: [["d2", 2]],
      hasBatchAxis: false,
    },
    { model: "a fixed batch size", inputs: [[1, 3]], outputs: [[1, 2]], hasBatchAxis: false },
    {
      model: "an output without the batch",
      inputs: [["batch", 3]],
      outputs: [["batch", 3], [1]],
      hasBatchAxis: false,
    },
  ])("reads $hasBatchAxis for the batch axis from $model", ({ inputs, outputs, hasBatchAxis }) => {
    expect(toSignature(declared({ inputs, outputs })).hasBatchAxis).toBe(hasBatchAxis);
  });

  test("believes what is known of the model beside its file", () => {
    const paddle = declared({ inputs: [["d0", 3]], outputs: [["d2", 2]] });
    expect(toSignature(paddle, true).hasBatchAxis).toBe(true);
    const named = declared({ inputs: [["batch", 3]], outputs: [["batch", 2]] });
    expect(toSignature(named, false).hasBatchAxis).toBe(false);
  });

  test("has no fixed batch size unless it is told that the first axis is one", () => {
    const fixed = declared({ inputs: [[8, 3], [8]], outputs: [[8, 2]] });
    expect(toSignature(fixed)).not.toHaveProperty("fixedBatchSize");
    expect(toSignature(fixed, true)).toMatchObject({ hasBatchAxis: true, fixedBatchSize: 8 });
    expect(toSignature(declared({ inputs: [["", 3]], outputs: [["", 2]] }), true)).not.toHaveProperty(
      "fixedBatchSize",
    );
  });

  test.each<[string, Shape[], Shape[]]>([
    ["two sizes", [[8, 3]], [[4, 2]]],
    ["a size and a variable axis", [[8, 3]], [["", 2]]],
    ["a scalar", [[8, 3], []], [[8, 2]]],
    ["no rows", [[0, 3]], [[0, 2]]],
  ])("refuses a batch axis for %s on the first axes", (_, inputs, outputs) => {
    expect(() => toSignature(declared({ inputs, outputs }), true)).toThrow(
      expect.objectContaining({ code: "invalidArgument" }),
    );
  });

  test("writes variable axes as -1 and types in the words of the protocol", () => {
    const { inputs } = toSignature({
      inputs: [{ name: "ids", type: "int64", shape: ["batch", "", 7] }],
      outputs: [],
    });
    expect(inputs).toEqual([{ name: "ids", datatype: "INT64", shape: [-1, -1, 7] }]);
  });

  test.each(["bfloat16", "int4", undefined])("refuses an input of type %s as unimplemented", (type) => {
    expect(() => toSignature({ inputs: [{ name: "x", type, shape: [] }], outputs: [] })).toThrow(
      expect.objectContaining({ code: "unimplemented" }),
    );
  });
});
