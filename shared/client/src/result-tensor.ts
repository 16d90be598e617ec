import {
  checkBody,
  splitBody,
  stringsOf,
  typedArrayOf,
  type Datatype,
  type Frame,
  type Tensor,
  type TensorArray,
  type TensorLayout,
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

  constructor({ name, datatype, shape }: TensorLayout, bytes: Uint8Array) {
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
export function outputsOf({ outputs: layouts, body }: Pick<Frame, "outputs" | "body">): Outputs {
  const outputs: Record<string, ResultTensor> = {};
  const [layout] = layouts;
  const [bytes] = body;
  if (layouts.length === 1 && layout !== undefined && body.length === 1 && bytes !== undefined) {
    // The only output is the whole body: nothing to cut.
    checkBody(layouts, body);
    outputs[layout.name] = new DecodedTensor(layout, bytes);
    return outputs;
  }
  for (const tensor of splitBody(layouts, body)) {
    outputs[tensor.name] = new DecodedTensor(tensor, tensor.bytes);
  }
  return outputs;
}
