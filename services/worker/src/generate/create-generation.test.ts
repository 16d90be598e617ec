import { describe, expect, test } from "vitest";
import { createGeneration } from "./create-generation.ts";

const generate = {
  kind: "characters",
  input: "text",
  output: "text",
  alphabet: "abc",
  maxContext: 8,
  maxTokens: 4,
  maxPastBytes: 1024,
} as const;

const decoder = { tokenBytes: 1, step: () => Promise.reject(new Error("not asked")) };

/** The signature of a decoder whose logits have this many tokens; -1: the file does not say. */
const decoderOf = (tokenCount: number) => ({
  inputs: [],
  outputs: [{ name: "logits", datatype: "FP32", shape: [-1, -1, tokenCount] }] as const,
  hasBatchAxis: true,
});

describe("createGeneration()", () => {
  test.each([2, 4])("refuses an alphabet of three for a model of %i tokens, and says both", (tokenCount) => {
    const options = { decoder, signature: decoderOf(tokenCount), maxSequences: 1 };
    expect(() => createGeneration(generate, options)).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: expect.stringContaining(`generate.alphabet has 3 characters, expected ${tokenCount}`),
      }),
    );
  });

  test.each([3, -1])("takes it where the file says %i tokens", (tokenCount) => {
    const options = { decoder, signature: decoderOf(tokenCount), maxSequences: 1 };
    expect(createGeneration(generate, options).alphabet.size).toBe(3);
  });
});
