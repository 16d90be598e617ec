/** One recorded message: its file in `v1/`, what it says, and the codec that wrote and reads it. */
export interface Sample {
  readonly file: string;
  readonly message: unknown;
  encode(): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** Makes a sample of a message and its codec. */
export function sample<T>(
  file: string,
  message: T,
  codec: { readonly encode: (message: T) => Uint8Array; readonly decode: (bytes: Uint8Array) => unknown },
): Sample {
  return { file, message, encode: () => codec.encode(message), decode: codec.decode };
}
