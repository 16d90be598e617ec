/** The bytes of floats, not copied. */
export function viewBytes(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

/** Floats from bytes that may lie anywhere in a larger buffer: an aligned copy. */
export function readFloats(bytes: Uint8Array): Float32Array {
  const aligned = new Uint8Array(bytes);
  return new Float32Array(aligned.buffer, 0, aligned.byteLength >> 2);
}
