import { InferenceError } from "./error.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws {InferenceError} `invalidArgument` when `bytes` are not one JSON document in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new InferenceError("invalidArgument", "the message is not a JSON document", { cause: error });
  }
}

/** Writes a plain value as one JSON document in UTF-8. */
export function toJson(value: object): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}
