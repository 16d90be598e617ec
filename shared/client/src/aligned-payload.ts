/** Size of the largest elements, in bytes. */
const maxElementBytes = 8;

/**
 * Copies a message so that its end is aligned to the largest elements. A pack ends with the tensors of its rows: where all have
 * elements of one size they are aligned then, and the typed arrays that callers ask for are views. One copy of the message
 * costs less than a copy of each tensor, and whoever keeps a result keeps this message, not all that was read with it.
 */
export function alignedPayload(payload: Uint8Array): Uint8Array {
  const start = -payload.byteLength & (maxElementBytes - 1);
  const copy = new Uint8Array(new ArrayBuffer(start + payload.byteLength), start);
  copy.set(payload);
  return copy;
}
