import type { ModelInputs, Result } from "@sluice/client";
import { drawTextStrip } from "@sluice/testing";
import type { Random } from "@sluice/runtime";
import { drawSentence } from "./sentences.ts";

/** One input, as a client of Sluice gives it and as bytes. */
export interface SaturationInput {
  readonly inputs: ModelInputs;
  readonly bytes: Uint8Array;
}

/** A model with the inputs that it is asked. */
export interface Workload {
  readonly model: string;
  /** What an answer is a number of, in the plural. */
  readonly unit: string;
  /** Enough that they are not the same few again and again; they are drawn before anything is measured. */
  readonly inputCount: number;
  draw(random: Random): SaturationInput;
  /** Whether an answer says the same as that of the same model without Sluice. */
  isSame(result: Result, bytes: Uint8Array): boolean;
}

/** Texts in, embeddings out. */
export const sentenceEmbedding: Workload = {
  model: "sentence-embedding",
  unit: "texts",
  inputCount: 4096,
  draw: (random) => {
    const text = drawSentence(random);
    return { inputs: { text: [text] }, bytes: new TextEncoder().encode(text) };
  },
  // The model is quantized over all rows of a run, so what runs beside a text changes its embedding a little.
  isSame: ({ outputs }, bytes) => {
    const actual = outputs["embedding"]?.values();
    const expected = new Float32Array(new Uint8Array(bytes).buffer);
    if (!(actual instanceof Float32Array) || actual.length !== expected.length) return false;
    return actual.reduce((sum, value, index) => sum + value * (expected[index] ?? 0), 0) > 0.9;
  },
};

/** Pixels of a strip's width: what a page is cut into is padded to few widths. */
const widths = [96, 160, 224, 320];
const symbols = "ABCEILSU123";
const pixelsOfSymbol = 24;

/** Images of lines of text in, what is read in them out. */
export const textRecognition: Workload = {
  model: "text-recognition",
  unit: "strips",
  inputCount: 128,
  draw: (random) => {
    const width = widths[Math.floor(random() * widths.length)] ?? 320;
    const symbolCount = Math.floor(width / pixelsOfSymbol) - 1;
    const text = Array.from(
      { length: symbolCount },
      () => symbols[Math.floor(random() * symbols.length)],
    ).join("");
    const data = drawTextStrip(text, width);
    return {
      inputs: { x: { data, shape: [1, 3, 48, width] } },
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    };
  },
  isSame: ({ outputs }, bytes) => outputs["text"]?.strings()[0] === new TextDecoder().decode(bytes),
};
