import { Packr, Unpackr } from "msgpackr";
import { InferenceError } from "./error.ts";
import { checkPlainMsgpack } from "./msgpack-check.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });

/** Writes a plain value (maps, lists, strings, finite numbers, booleans, bytes) as msgpack. */
export function toMsgpack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/**
 * Reads one msgpack value that fills `bytes`. Byte strings are views into them.
 * @throws {InferenceError} `invalidArgument` for everything else, see {@link checkPlainMsgpack}.
 */
export function fromMsgpack(bytes: Uint8Array): unknown {
  checkPlainMsgpack(bytes);
  try {
    return unpackr.unpack(bytes);
  } catch (error) {
    throw new InferenceError("invalidArgument", "the message is not a msgpack value", { cause: error });
  }
}
