import { encodeStrings, stringsOf, typedArrayOf } from "@sluice/protocol";
import { Tensor } from "onnxruntime-node";
import type { EngineTensor } from "../engine.ts";
import { isElementType, toDatatype, toElementType } from "./element-type.ts";

/** Wraps a tensor for ONNX Runtime without copying its elements; text is decoded. */
export function toOrtTensor(tensor: EngineTensor): Tensor {
  const viewed = { ...tensor, bytes: new Uint8Array(tensor.buffer) };
  const shape = [...tensor.shape];
  const type = toElementType(tensor.datatype);
  if (type === "string") return new Tensor("string", stringsOf(viewed), shape);
  return new Tensor(type, typedArrayOf(viewed), shape);
}

/** Takes an output of ONNX Runtime over. Its buffer is passed on as it is, or copied once if it is only a part of a larger one. */
export function fromOrtTensor(name: string, tensor: Tensor): EngineTensor {
  if (!isElementType(tensor.type)) throw new Error(`Unsupported data type: ${tensor.type}`);
  return { name, datatype: toDatatype(tensor.type), shape: [...tensor.dims], buffer: ownBuffer(tensor) };
}

function ownBuffer(tensor: Tensor): ArrayBuffer {
  const elements = tensor.data;
  const bytes = isStrings(elements)
    ? encodeStrings(elements)
    : new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  if (bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength)
    return bytes.buffer;
  return new Uint8Array(bytes).buffer;
}

function isStrings(elements: Tensor["data"]): elements is string[] {
  return Array.isArray(elements);
}
