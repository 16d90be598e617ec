import { rowLength, splitBody, type InferenceRequest, type SignatureForm } from "@sluice/protocol";
import { paddedLength } from "@sluice/scheduling";

/** How long rows become that a model's texts are made into, as far as an owner knows. */
export interface TextLengths {
  /** Elements that a byte of text makes, about; 0 where texts do not make rows longer. */
  readonly elementsPerByte: number;
  /** Most elements of a row; Infinity where nobody has said so. */
  readonly maxLength: number;
}

export interface LengthRule {
  /** The one that the request uses. */
  readonly form: SignatureForm;
  readonly hasBatchAxis: boolean;
  readonly texts: TextLengths;
}

/** Bytes of an element of BYTES that say how long it is. */
const textHeadBytes = 4;

/** Elements in the longest row of a request that fits its form. Of texts it is estimated, padding included: only a worker can tell. */
export function requestLength(
  { inputs, body }: Pick<InferenceRequest, "inputs" | "body">,
  { form, hasBatchAxis, texts: { elementsPerByte, maxLength } }: LengthRule,
): number {
  const isText = form.inputs.every(({ datatype }) => datatype === "BYTES");
  if (!isText || elementsPerByte === 0) return rowLength(form.inputs, { inputs, hasBatchAxis });
  let longestBytes = 0;
  for (const { bytes } of splitBody(inputs, body)) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let offset = 0; offset < bytes.length;) {
      const textBytes = view.getUint32(offset, true);
      longestBytes = Math.max(longestBytes, textBytes);
      offset += textHeadBytes + textBytes;
    }
  }
  return Math.min(paddedLength(Math.ceil(longestBytes * elementsPerByte)), maxLength);
}
