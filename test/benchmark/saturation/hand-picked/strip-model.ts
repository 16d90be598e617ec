import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { onlyOutput, type HandPickedModel } from "./model.ts";

/** Channels and rows of pixels of a strip, FP32 each. */
const columnBytes = 3 * 48 * 4;

/** Strips of text, `[3, 48, width]` FP32, to what is read in them, in UTF-8. */
export async function loadStripModel(folder: string): Promise<HandPickedModel<Uint8Array>> {
  const alphabet: readonly string[] = JSON.parse(await readFile(join(folder, "1/alphabet.json"), "utf8"));
  const encoder = new TextEncoder();
  return {
    modelPath: join(folder, "1/model.onnx"),
    isPadded: false,
    prepare: (bytes) => bytes,
    lengthOf: (row) => row.length / columnBytes,
    join: (rows) => {
      const rowBytes = rows[0]?.length ?? 0;
      const joined = new Uint8Array(rows.length * rowBytes);
      rows.forEach((row, index) => joined.set(row, index * rowBytes));
      const shape = [rows.length, 3, 48, rowBytes / columnBytes];
      return { name: "x", datatype: "FP32", shape, buffer: joined.buffer };
    },
    answer: (outputs, rowCount) => {
      const scores = onlyOutput(outputs);
      const rowElements = scores.length / rowCount;
      return Array.from({ length: rowCount }, (_, row) =>
        encoder.encode(readStrip(scores.subarray(row * rowElements, (row + 1) * rowElements), alphabet)),
      );
    },
  };
}

/** The likeliest class of each step, what repeats taken once, then blanks (class 0) left out. */
function readStrip(scores: Float32Array, alphabet: readonly string[]): string {
  const classCount = alphabet.length + 1;
  let text = "";
  let last = 0;
  for (let start = 0; start < scores.length; start += classCount) {
    let likeliest = 0;
    let highest = scores[start] ?? 0;
    for (let column = 1; column < classCount; column++) {
      const score = scores[start + column] ?? 0;
      if (score <= highest) continue;
      highest = score;
      likeliest = column;
    }
    if (likeliest !== last && likeliest !== 0) text += alphabet[likeliest - 1] ?? "";
    last = likeliest;
  }
  return text;
}
