import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs/minimal.js";

/** Four matrices of 64 MiB. */
const largeSize: ModelSize = { width: 4096, layerCount: 4 };
/** Numbers of types in ONNX (`TensorProto.DataType`). */
const floatType = 1;
/** Versions that every provider has long supported. */
const irVersion = 8;
const opsetVersion = 17;
/** How a protobuf field is written: as a number, or as bytes behind their length. */
const varintWire = 0;
const bytesWire = 2;

/** Numbers in each row of its input `x`. */
export const largeModelWidth = largeSize.width;

export interface ModelSize {
  /** Rows and columns of each matrix of weights. */
  readonly width: number;
  /** Matrices, one behind the other. */
  readonly layerCount: number;
}

const modelYaml = `name: large
pool: default
engine: onnxruntime
limits: { maxBatchSize: 8 }
`;

/**
 * Writes the folder of a model that multiplies rows with one square matrix after the other: its ONNX file is large (256 MiB),
 * as those of real models are, and it takes little time to run.
 */
export async function writeLargeModel(folder: string): Promise<void> {
  await mkdir(join(folder, "1"), { recursive: true });
  await writeFile(join(folder, "model.yaml"), modelYaml);
  await writeFile(join(folder, "1", "model.onnx"), encodeMatrixModel(largeSize));
}

/**
 * Writes an ONNX file that multiplies rows `x` with matrices whose weights are all 1 / `width`: each row of `y` has its mean.
 * Source: onnx.proto3 of ONNX 1.16; field numbers as there.
 */
export function encodeMatrixModel({ width, layerCount }: ModelSize): Uint8Array {
  const weights = new Uint8Array(new Float32Array(width * width).fill(1 / width).buffer);
  const edges = ["x", ...Array.from({ length: layerCount - 1 }, (_, layer) => `after-${layer}`), "y"];
  const model = protobuf.Writer.create();
  int(model, 1, irVersion);
  message(model, 7, (graph) => {
    for (let layer = 0; layer < layerCount; layer++) {
      message(graph, 1, (node) => {
        text(node, 1, edges[layer] ?? "");
        text(node, 1, `weights-${layer}`);
        text(node, 2, edges[layer + 1] ?? "");
        text(node, 4, "MatMul");
      });
    }
    text(graph, 2, "large");
    for (let layer = 0; layer < layerCount; layer++) {
      message(graph, 5, (tensor) => {
        int(tensor, 1, width);
        int(tensor, 1, width);
        int(tensor, 2, floatType);
        text(tensor, 8, `weights-${layer}`);
        tensor.uint32(tag(9, bytesWire)).bytes(weights);
      });
    }
    message(graph, 11, (input) => rows(input, { name: "x", width }));
    message(graph, 12, (output) => rows(output, { name: "y", width }));
  });
  message(model, 8, (opset) => int(opset, 2, opsetVersion));
  return model.finish();
}

/** Fills in a `ValueInfoProto`: any number of rows. */
function rows(
  valueInfo: protobuf.Writer,
  { name, width }: { readonly name: string; readonly width: number },
): void {
  text(valueInfo, 1, name);
  message(valueInfo, 2, (type) => {
    message(type, 1, (tensorType) => {
      int(tensorType, 1, floatType);
      message(tensorType, 2, (shape) => {
        message(shape, 1, (axis) => text(axis, 2, "batch"));
        message(shape, 1, (axis) => int(axis, 1, width));
      });
    });
  });
}

function tag(field: number, wire: number): number {
  return (field << 3) | wire;
}

function int(writer: protobuf.Writer, field: number, value: number): void {
  writer.uint32(tag(field, varintWire)).int64(value);
}

function text(writer: protobuf.Writer, field: number, value: string): void {
  writer.uint32(tag(field, bytesWire)).string(value);
}

function message(writer: protobuf.Writer, field: number, write: (inner: protobuf.Writer) => void): void {
  writer.uint32(tag(field, bytesWire)).fork();
  write(writer);
  writer.ldelim();
}
