import { encodeStrings, stringsOf, typedArrayOf, type Tensor as ByteTensor } from "@sluice/protocol";
import { Tensor } from "onnxruntime-node";
import type { EngineTensor } from "../engine.ts";
import { isElementType, toDatatype, toElementType } from "./element-type.ts";

/** What is said of BYTES that ONNX Runtime would change without a word. */
export const notText = "Text is not UTF-8, or has U+0000";

/**
 * Wraps a tensor for ONNX Runtime without copying its elements; text is decoded.
 * @throws {Error} {@link notText}
 */
export function toOrtTensor(tensor: EngineTensor): Tensor {
  const viewed = { ...tensor, bytes: new Uint8Array(tensor.buffer) };
  const shape = [...tensor.shape];
  const type = toElementType(tensor.datatype);
  if (type === "string") return new Tensor("string", textsOf(viewed), shape);
  return new Tensor(type, typedArrayOf(viewed), shape);
}

/** ONNX Runtime takes strings of JavaScript only, and ends them at U+0000. */
function textsOf(tensor: ByteTensor): string[] {
  const texts = stringsOf(tensor);
  let isChanged = false;
  let hasReplacement = false;
  for (const text of texts) {
    isChanged ||= text.includes("\0");
    hasReplacement ||= text.includes("\uFFFD");
  }
  // It may have been there before it was decoded.
  if (hasReplacement) isChanged ||= Buffer.compare(encodeStrings(texts), tensor.bytes) !== 0;
  if (isChanged) throw new Error(notText);
  return texts;
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
