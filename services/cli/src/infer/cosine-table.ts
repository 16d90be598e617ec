import { InferenceError, typedArrayOf, type Tensor } from "@sluice/protocol";
import { formatTable } from "../format-table.ts";

/**
 * Cosines between all rows of the first floating-point output of two axes, `[items, dimensions]`.
 * @throws {InferenceError} `invalidArgument` if the model gave no such output.
 */
export function cosineTable(outputs: readonly Tensor[]): readonly (readonly number[])[] {
  const vectors = rowsOf(outputs);
  return vectors.map((one) => vectors.map((other) => cosine(one, other)));
}

/** Prints the table with the texts it compares. */
export function formatCosineTable(cosines: readonly (readonly number[])[], texts: readonly string[]): string {
  const heading = ["", "text", ...cosines.map((_, index) => String(index + 1))];
  const rows = cosines.map((row, index) => [
    String(index + 1),
    texts[index] ?? "",
    ...row.map((value) => value.toFixed(4)),
  ]);
  return formatTable([heading, ...rows]);
}

function rowsOf(outputs: readonly Tensor[]): readonly (readonly number[])[] {
  const output = outputs.find(({ datatype, shape }) => shape.length === 2 && /^FP(32|64)$/.test(datatype));
  const [rowCount, width] = output?.shape ?? [];
  if (output === undefined || rowCount === undefined || width === undefined) {
    throw new InferenceError(
      "invalidArgument",
      "--similarity compares vectors, and this model gave none (an FP32 output of shape [items, dimensions])",
    );
  }
  const elements = Array.from(typedArrayOf(output), Number);
  return Array.from({ length: rowCount }, (_, row) => elements.slice(row * width, (row + 1) * width));
}

function cosine(one: readonly number[], other: readonly number[]): number {
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}

function dot(one: readonly number[], other: readonly number[]): number {
  let sum = 0;
  for (const [index, value] of one.entries()) sum += value * (other[index] ?? 0);
  return sum;
}
