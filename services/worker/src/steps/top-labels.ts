import { encodeStrings, InferenceError } from "@sluice/protocol";

import type { ResultStep } from "./result-step.ts";
import { highestColumn } from "./highest-column.ts";

/** Name of the request parameter that asks for more labels than the model gives by itself. */
const topKParameter = "top_k";

export interface TopLabelsOptions {
  /** Name of the engine's output it reads: FP32 `[items, labels.length]`. */
  readonly input: string;
  readonly labels: readonly string[];
  /** Labels an item gets when its request names no other number. */
  readonly count: number;
  readonly labelOutput: string;
  readonly scoreOutput: string;
}

/**
 * Creates the step that picks the labels with the highest scores: label (BYTES) and score (FP32) of each item, best first;
 * equal scores in the order of the labels. Shape `[items]` for one label an item, else `[items, count]`.
 */
export function createTopLabels(options: TopLabelsOptions): ResultStep {
  const { labels } = options;
  const declaredShape = options.count === 1 ? [-1] : [-1, options.count];
  return {
    input: options.input,
    rowShape: [labels.length],
    outputs: [
      { name: options.labelOutput, datatype: "BYTES", shape: declaredShape },
      { name: options.scoreOutput, datatype: "FP32", shape: declaredShape },
    ],
    parameters: [{ name: topKParameter, type: "number", minimum: 1, maximum: labels.length }],
    countOf: (parameters) => {
      const wanted = parameters[topKParameter] ?? options.count;
      if (typeof wanted !== "number" || !Number.isInteger(wanted) || wanted < 1 || wanted > labels.length) {
        throw new InferenceError(
          "invalidArgument",
          `parameter "${topKParameter}" is ${String(wanted)}, expected a whole number from 1 to ${labels.length}`,
        );
      }
      return wanted;
    },
    *toResults({ values, items }, count) {
      const names: string[] = [];
      const best = new Float32Array(items * count);
      for (let item = 0; item < items; item++) {
        const row = values.subarray(item * labels.length, (item + 1) * labels.length);
        for (const [rank, column] of highest(row, count).entries()) {
          names.push(labels[column] ?? "");
          best[item * count + rank] = row[column] ?? 0;
        }
        yield;
      }
      const shape = count === 1 ? [items] : [items, count];
      return [
        { name: options.labelOutput, datatype: "BYTES", shape, bytes: encodeStrings(names) },
        { name: options.scoreOutput, datatype: "FP32", shape, bytes: new Uint8Array(best.buffer) },
      ];
    },
  };
}

/** Columns of the `count` highest scores, best first. */
function highest(row: Float32Array, count: number): number[] {
  if (count === 1) return [highestColumn(row)];
  const columns = Array.from(row.keys());
  columns.sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
  return columns.slice(0, count);
}
