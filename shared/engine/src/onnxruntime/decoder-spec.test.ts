import type { TensorSpec } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { decoderSpecOf, tokenBytesOf } from "./decoder-spec.ts";

const past: TensorSpec = { name: "past_key_values.0.key", datatype: "FP16", shape: [-1, 4, -1, 8] };
const inputs: readonly TensorSpec[] = [
  ...["input_ids", "position_ids", "attention_mask"].map((name): TensorSpec => ({
    name,
    datatype: "INT64",
    shape: [-1, -1],
  })),
  past,
];
const outputs: readonly TensorSpec[] = [
  { name: "logits", datatype: "FP32", shape: [-1, -1, 10] },
  { ...past, name: "present.0.key" },
];

describe("decoderSpecOf()", () => {
  test("reads the layout of keys and values", () => {
    const spec = decoderSpecOf({ inputs, outputs, hasBatchAxis: true });
    expect(spec?.past).toEqual([
      {
        name: "past_key_values.0.key",
        present: "present.0.key",
        datatype: "FP16",
        heads: 4,
        width: 8,
        headBytes: 16,
      },
    ]);
    expect(spec && tokenBytesOf(spec)).toBe(64);
  });

  test.each<[string, readonly TensorSpec[], readonly TensorSpec[]]>([
    ["without positions", inputs.filter(({ name }) => name !== "position_ids"), outputs],
    ["without a past", inputs.slice(0, 3), outputs],
    ["with an input of its own", [...inputs, { ...past, name: "image" }], outputs],
    ["whose past has no present", inputs, outputs.slice(0, 1)],
    ["with a past of a fixed length", [...inputs.slice(0, 3), { ...past, shape: [-1, 4, 16, 8] }], outputs],
    ["with ids of another type", inputs.map((input) => ({ ...input, datatype: "INT32" as const })), outputs],
    [
      "with logits of another type",
      inputs,
      outputs.map((output) => ({ ...output, datatype: "FP16" as const })),
    ],
  ])("finds no decoder %s", (_, given, gives) => {
    expect(decoderSpecOf({ inputs: given, outputs: gives, hasBatchAxis: true })).toBeUndefined();
  });
});
