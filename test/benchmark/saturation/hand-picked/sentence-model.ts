import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { onlyOutput, type HandPickedModel } from "./model.ts";

/** Texts in UTF-8 to embeddings in FP32. */
export async function loadSentenceModel(folder: string): Promise<HandPickedModel<readonly number[]>> {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(join(folder, "1/tokenizer.json"), "utf8")), {});
  const decoder = new TextDecoder();
  return {
    modelPath: join(folder, "1/model.onnx"),
    isPadded: true,
    prepare: (bytes) => tokenizer.encode(decoder.decode(bytes)).ids,
    lengthOf: (row) => row.length,
    join: (rows) => {
      const longest = rows.reduce((most, row) => Math.max(most, row.length), 1);
      const joined = new BigInt64Array(rows.length * longest);
      rows.forEach((row, index) => joined.set(row.map(BigInt), index * longest));
      return { name: "input_ids", datatype: "INT64", shape: [rows.length, longest], buffer: joined.buffer };
    },
    answer: (outputs, rowCount) => {
      const values = onlyOutput(outputs);
      const rowBytes = values.byteLength / rowCount;
      return Array.from(
        { length: rowCount },
        (_, row) => new Uint8Array(values.buffer, row * rowBytes, rowBytes),
      );
    },
  };
}
