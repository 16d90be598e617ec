import type { EngineTensor } from "@sluice/engine";
import type { TensorLayout } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

import type { TensorRows } from "./tensor-rows.ts";
import { createTensorRows } from "./tensor-rows.ts";

/** The tensors that answer one request: views into the run's outputs, not copies. */
export interface ResultTensors {
  readonly outputs: readonly TensorLayout[];
  readonly body: readonly Uint8Array[];
}

/** Gives each request its rows of a run's outputs. */
export interface OutputSlicer {
  /** Rows `start` to `start + items`, of the outputs named in `wanted`, all if it is empty. */
  slice(rows: { readonly start: number; readonly items: number }, wanted: readonly string[]): ResultTensors;
}

/**
 * Creates a slicer of outputs whose first axis is the batch axis.
 * @throws {InferenceError} `internal` when an output does not have `items` rows.
 */
export function createOutputSlicer(outputs: readonly EngineTensor[], items: number): OutputSlicer {
  const sliced = outputs.map((output) => sliceable(output, items));
  let lastRows = -1;
  let lastLayouts: readonly TensorLayout[] = [];

  /** Requests mostly have as many rows as the one before, and then share one list. */
  const layouts = (rows: number): readonly TensorLayout[] => {
    if (rows !== lastRows) {
      lastLayouts = sliced.map(({ tensor }) => layoutOf(tensor, [rows, ...tensor.shape.slice(1)]));
      lastRows = rows;
    }
    return lastLayouts;
  };

  return {
    slice: ({ start, items: rows }, wanted) => {
      const all = {
        outputs: layouts(rows),
        body: sliced.map(({ cutter }) => cutter.rows(start, start + rows)),
      };
      return pickOutputs(all, wanted);
    },
  };
}

/** The outputs of a run of one request. */
export function wholeOutputs(outputs: readonly EngineTensor[], wanted: readonly string[]): ResultTensors {
  const all = {
    outputs: outputs.map((output) => layoutOf(output, output.shape)),
    body: outputs.map((output) => new Uint8Array(output.buffer)),
  };
  return pickOutputs(all, wanted);
}

/** Keeps the outputs a request asked for, in the model's order. */
export function pickOutputs(all: ResultTensors, wanted: readonly string[]): ResultTensors {
  if (wanted.length === 0) return all;
  const places = [...all.outputs.keys()].filter((place) => wanted.includes(all.outputs[place]?.name ?? ""));
  return {
    outputs: places.flatMap((place) => all.outputs[place] ?? []),
    body: places.flatMap((place) => all.body[place] ?? []),
  };
}

function layoutOf({ name, datatype }: EngineTensor, shape: readonly number[]): TensorLayout {
  return { name, datatype, shape };
}

interface SliceableOutput {
  readonly tensor: EngineTensor;
  readonly cutter: TensorRows;
}

function sliceable(tensor: EngineTensor, items: number): SliceableOutput {
  if (tensor.shape[0] !== items) {
    const shape = tensor.shape.join();
    throw new InferenceError(
      "internal",
      `the model gave output "${tensor.name}" of shape [${shape}] for ${items} items`,
    );
  }
  return { tensor, cutter: createTensorRows(tensor, { bytes: new Uint8Array(tensor.buffer), items }) };
}
