import {
  splitBody,
  stringsOf,
  typedArrayOf,
  type Datatype,
  type Frame,
  type Tensor,
  type TensorArray,
} from "@sluice/protocol";

/**
 * One output. `bytes` looks into the message it came in, which stays in memory as long as one of its tensors: copy what is
 * kept for long.
 */
export interface ResultTensor extends Tensor {
  /**
   * The elements as a typed array: FP32 a `Float32Array`, INT64 a `BigInt64Array`, BOOL a `Uint8Array` of 0 and 1, FP16 a
   * `Uint16Array` of raw bits. A view into `bytes` where they are aligned, otherwise a copy.
   * @throws {InferenceError} `invalidArgument` when the datatype is BYTES.
   */
  values(): TensorArray;
  /**
   * The elements as strings.
   * @throws {InferenceError} `invalidArgument` when the datatype is not BYTES.
   */
  strings(): string[];
}

/** Outputs by name. */
export type Outputs = Readonly<Record<string, ResultTensor>>;

class DecodedTensor implements ResultTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;

  constructor({ name, datatype, shape, bytes }: Tensor) {
    this.name = name;
    this.datatype = datatype;
    this.shape = shape;
    this.bytes = bytes;
  }

  values(): TensorArray {
    return typedArrayOf(this);
  }

  strings(): string[] {
    return stringsOf(this);
  }
}

/**
 * Takes the outputs out of a frame.
 * @throws {InferenceError} `invalidArgument` when body and layouts do not go together.
 */
export function outputsOf(frame: Pick<Frame, "outputs" | "body">): Outputs {
  const tensors = splitBody(frame.outputs, frame.body);
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, new DecodedTensor(tensor)]));
}
