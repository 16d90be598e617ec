import type { Parameters, Tensor } from "@sluice/protocol";
import { encodeStrings, InferenceError } from "@sluice/protocol";

/** Name of the request parameter that asks for more labels than the model gives by itself. */
export const topKParameter = "top_k";

export interface TopLabelsOptions {
  /** Name of the engine's output it reads: FP32 `[items, labels.length]`. */
  readonly input: string;
  readonly labels: readonly string[];
  /** Labels an item gets when its request names no other number. */
  readonly count: number;
  readonly labelOutput: string;
  readonly scoreOutput: string;
}

/** A declared postprocessing step: picks the labels with the highest scores. Pure. */
export interface TopLabels {
  readonly input: string;
  /** Most labels an item can get. */
  readonly labelCount: number;
  /**
   * Gives label (BYTES) and score (FP32) of each item, best first; equal scores in the order of the labels.
   * Shape `[items]` for one label an item, else `[items, count]`.
   * @param scores - `[items, labels.length]`, row-major
   */
  pick(scores: Float32Array, count: number): readonly Tensor[];
  /**
   * Number of labels a request asks for.
   * @throws {InferenceError} `invalidArgument` when `top_k` is not a whole number between 1 and the number of labels.
   */
  countOf(parameters: Parameters): number;
}

/** Creates the step. */
export function createTopLabels(options: TopLabelsOptions): TopLabels {
  const { labels } = options;
  return {
    input: options.input,
    labelCount: labels.length,
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
    pick: (scores, count) => {
      const items = scores.length / labels.length;
      const names: string[] = [];
      const best = new Float32Array(items * count);
      for (let item = 0; item < items; item++) {
        const row = scores.subarray(item * labels.length, (item + 1) * labels.length);
        for (const [rank, column] of highest(row, count).entries()) {
          names.push(labels[column] ?? "");
          best[item * count + rank] = row[column] ?? 0;
        }
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

function highestColumn(row: Float32Array): number {
  let best = 0;
  for (let column = 1; column < row.length; column++) {
    if ((row[column] ?? 0) > (row[best] ?? 0)) best = column;
  }
  return best;
}
