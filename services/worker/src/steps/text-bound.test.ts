import { describe, expect, test, vi } from "vitest";

import { createNgramFrequencies, maxNgramCharacters } from "./ngram-frequencies.ts";
import { createTokenize, maxCharactersFor } from "./tokenize.ts";

/** One character that NFKC makes 18. */
const longWhenNormalized = "\u{fdfa}";

describe("maxCharactersFor()", () => {
  test.each([
    [4, 1024],
    [128, 2048],
    [4096, 65_536],
    [8192, 65_536],
    [32_768, 262_144],
  ])("allows for %i tokens %i characters", (maxTokens, expected) => {
    expect(maxCharactersFor(maxTokens)).toBe(expected);
  });
});

describe("createTokenize()", () => {
  function aStep() {
    const encode = vi.fn((text: string) => ({ ids: text === "" ? [] : [1] }));
    const step = createTokenize({
      input: "text",
      output: "ids",
      encoder: { encode },
      padId: 0,
      maxTokens: 128,
    });
    return { step, encode };
  }

  test("refuses a text of more characters than its tokens can have, and does not ask the encoder", () => {
    const { step, encode } = aStep();
    expect(() => step.prepareRow("a".repeat(2049))).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: 'input "text" has 2049 characters, expected at most 2048',
      }),
    );
    expect(encode).not.toHaveBeenCalled();
  });

  test("does not normalize a text that is too long as it is", () => {
    const normalize = vi.spyOn(String.prototype, "normalize");
    const text = longWhenNormalized.repeat(333_333);
    try {
      expect(() => aStep().step.prepareRow(text)).toThrow("has 333333 characters, expected at most 2048");
      expect(normalize).not.toHaveBeenCalled();
    } finally {
      normalize.mockRestore();
    }
  });

  test("refuses a text that normalization makes too long, and does not ask the encoder", () => {
    const { step, encode } = aStep();
    expect(() => step.prepareRow(longWhenNormalized.repeat(114))).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: 'input "text" has 2052 characters when normalized, expected at most 2048',
      }),
    );
    expect(encode).not.toHaveBeenCalled();
  });

  test.each([
    ["as it is", "a".repeat(2048)],
    ["when normalized", longWhenNormalized.repeat(113)],
  ])("takes a text that has no more characters than it may, %s", (_, text) => {
    const { step, encode } = aStep();
    expect(Array.from(step.prepareRow(text))).toEqual([1]);
    expect(encode).toHaveBeenCalledWith(text);
  });
});

describe("createNgramFrequencies()", () => {
  const step = createNgramFrequencies({ input: "text", output: "x", vocabulary: { grams: [["a", " "]] } });

  test("refuses a text of more characters than it reads", () => {
    expect(() => step.prepareRow("a".repeat(maxNgramCharacters + 1))).toThrow(
      expect.objectContaining({
        code: "invalidArgument",
        message: 'input "text" has 65537 characters, expected at most 65536',
      }),
    );
  });

  test("takes a text of as many characters as it may have", () => {
    const row = step.prepareRow("a".repeat(maxNgramCharacters));
    expect(row[0]).toBe(Math.fround(maxNgramCharacters / (maxNgramCharacters + 2)));
  });
});
