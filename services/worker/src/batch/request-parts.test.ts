import { encodeStrings } from "@sluice/protocol";
import { anAdmittedRequest } from "@sluice/testing";
import { describe, expect, test } from "vitest";

import type { TextForm } from "../models/served-model.ts";
import { createTokenize } from "../steps/tokenize.ts";
import type { TextPart } from "./engine-run-plan.ts";
import { addTexts } from "./request-parts.ts";

/** Each character is a token. */
const encoder = { encode: (text: string) => ({ ids: Array.from(text, () => 1) }) };

const form: TextForm = {
  kind: "text",
  name: "text",
  step: createTokenize({ input: "text", output: "ids", encoder, padId: 0, maxTokens: 20 }),
  postprocess: undefined,
  isRowWise: true,
};

function aRequest(texts: readonly string[]) {
  const inputs = [{ name: "text", datatype: "BYTES" as const, shape: [texts.length] }];
  return anAdmittedRequest({ items: texts.length, inputs, body: [encodeStrings(texts)] });
}

function partsOf(form: TextForm, texts: readonly string[]): TextPart[] {
  const parts: TextPart[] = [];
  Array.from(addTexts({ form, parts, maxItems: 8, maxTokens: Infinity }, aRequest(texts)));
  return parts;
}

describe("addTexts()", () => {
  test("makes a part of each text, as long as it will be padded", () => {
    const parts = partsOf(form, ["ab", "", "abcdefghijklmnopq"]);
    expect(parts.map(({ start, items, requestItems }) => [start, items, requestItems])).toEqual([
      [0, 1, 3],
      [1, 1, 3],
      [2, 1, 3],
    ]);
    expect(parts.map(({ length, elements }) => [length, elements])).toEqual([
      [2, 2],
      [1, 0],
      [18, 17],
    ]);
  });

  test("keeps the texts of a request together where outputs depend on the length of their run", () => {
    const [part, ...others] = partsOf({ ...form, isRowWise: false }, ["ab", "", "abcdefghijklmnopq"]);
    expect(others).toEqual([]);
    expect(part).toMatchObject({ start: 0, items: 3, length: 18, elements: 19 });
  });

  test("refuses the whole request for one text that the model cannot take", () => {
    expect(() => partsOf(form, ["ab", "abcdefghijklmnopqrstu"])).toThrow("21 tokens, expected at most 20");
  });
});
