/** An input or output of a model of one operator; a named axis is variable. */
export interface OneOpTensor {
  readonly name: string;
  /** Number of the element type in ONNX (`TensorProto.DataType`): 1 is float. */
  readonly elementType: number;
  readonly shape: readonly (number | string)[];
}

export interface OneOpModel {
  /** An operator of the standard set that needs no attributes. */
  readonly op: string;
  readonly inputs: readonly OneOpTensor[];
  readonly outputs: readonly OneOpTensor[];
}

/** Versions that every provider has long supported. */
const irVersion = 8;
const opsetVersion = 17;

/**
 * Writes an ONNX file of one operator: the smallest thing a provider can be tried with.
 * Source: onnx.proto3 of ONNX 1.16; field numbers as there.
 */
export function encodeOneOpModel({ op, inputs, outputs }: OneOpModel): Uint8Array {
  const node = join([
    ...inputs.map((input) => text(1, input.name)),
    ...outputs.map((output) => text(2, output.name)),
    text(4, op),
  ]);
  const graph = join([
    nested(1, node),
    text(2, op),
    ...inputs.map((input) => nested(11, valueInfo(input))),
    ...outputs.map((output) => nested(12, valueInfo(output))),
  ]);
  return join([integer(1, irVersion), nested(7, graph), nested(8, integer(2, opsetVersion))]);
}

function valueInfo({ name, elementType, shape }: OneOpTensor): Uint8Array {
  const axes = shape.map((size) => nested(1, typeof size === "string" ? text(2, size) : integer(1, size)));
  const tensorType = join([integer(1, elementType), nested(2, join(axes))]);
  return join([text(1, name), nested(2, nested(1, tensorType))]);
}

/** A protobuf field with a number. */
function integer(field: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(field << 3), ...varint(value)]);
}

/** A protobuf field with bytes: another message. */
function nested(field: number, bytes: Uint8Array): Uint8Array {
  return join([Uint8Array.from([...varint((field << 3) | 2), ...varint(bytes.byteLength)]), bytes]);
}

function text(field: number, value: string): Uint8Array {
  return nested(field, new TextEncoder().encode(value));
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
