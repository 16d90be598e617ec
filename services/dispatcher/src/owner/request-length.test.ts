import { encodeStrings, requestDefaults } from "@sluice/protocol";
import { describe, expect, test } from "vitest";
import { requestLength } from "./request-length.ts";

const texts = { name: "text", datatype: "BYTES" as const, shape: [-1] };
const ids = { name: "ids", datatype: "INT64" as const, shape: [-1, -1] };

function aTextRequest(values: readonly string[]) {
  const inputs = [{ ...texts, shape: [values.length] }];
  return { ...requestDefaults, id: "r", inputs, body: [encodeStrings(values)] };
}

describe("requestLength()", () => {
  const form = { name: "text", inputs: [texts], outputs: [] };
  const rule = { form, hasBatchAxis: true, texts: { elementsPerByte: 0.25, maxLength: Infinity } };

  test("estimates the length of a text from its bytes, padded as a worker does, at least 1", () => {
    expect(requestLength(aTextRequest(["a".repeat(90)]), rule)).toBe(24);
    expect(requestLength(aTextRequest([""]), rule)).toBe(1);
  });

  test("takes the longest of several texts, in bytes", () => {
    expect(requestLength(aTextRequest(["a", "é".repeat(40), "b".repeat(60)]), rule)).toBe(20);
  });

  test("is no more than the model takes, whatever the texts before were like", () => {
    const texts = { elementsPerByte: 3, maxLength: 128 };
    expect(requestLength(aTextRequest(["a".repeat(500)]), { ...rule, texts })).toBe(128);
  });

  test("is 1 for texts that make all rows of one length", () => {
    const texts = { elementsPerByte: 0, maxLength: Infinity };
    expect(requestLength(aTextRequest(["a".repeat(90)]), { ...rule, texts })).toBe(1);
  });

  test("takes the open axes of raw tensors, whatever texts make", () => {
    const request = { ...aTextRequest([]), inputs: [{ ...ids, shape: [2, 17] }] };
    const tensors = { name: "tensors", inputs: [ids], outputs: [] };
    expect(requestLength(request, { ...rule, form: tensors })).toBe(17);
  });
});
