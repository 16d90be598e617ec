import type { EngineTensor } from "@sluice/engine";
import type { TensorLayout } from "@sluice/protocol";
import { InferenceError } from "@sluice/protocol";

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
      const all = { outputs: layouts(rows), body: sliced.map((output) => output.rows(start, start + rows)) };
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
  /** Bytes of the rows from `start` to before `end`. */
  rows(start: number, end: number): Uint8Array;
}

function sliceable(tensor: EngineTensor, items: number): SliceableOutput {
  if (tensor.shape[0] !== items) {
    const shape = tensor.shape.join();
    throw new InferenceError(
      "internal",
      `the model gave output "${tensor.name}" of shape [${shape}] for ${items} items`,
    );
  }
  const { buffer } = tensor;
  if (tensor.datatype === "BYTES") {
    const starts = rowStarts(tensor, items);
    return {
      tensor,
      rows: (start, end) => new Uint8Array(buffer).subarray(starts[start], starts[end]),
    };
  }
  const rowBytes = buffer.byteLength / items;
  return { tensor, rows: (start, end) => new Uint8Array(buffer, start * rowBytes, (end - start) * rowBytes) };
}

/** Where each row of a BYTES tensor begins, and where the last one ends. */
function rowStarts({ buffer, shape }: EngineTensor, items: number): number[] {
  const rowElements = shape.slice(1).reduce((product, size) => product * size, 1);
  const view = new DataView(buffer);
  const starts = [0];
  let offset = 0;
  for (let item = 0; item < items; item++) {
    for (let element = 0; element < rowElements; element++) offset += 4 + view.getUint32(offset, true);
    starts.push(offset);
  }
  return starts;
}
