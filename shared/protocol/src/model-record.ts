import { fields, token } from "./fields.ts";
import { parseJson, toJson } from "./json.ts";
import type { ModelRecord } from "./messages.ts";
import { readSignature } from "./profile.ts";

/** Writes the record as JSON, so that people can read the bucket. `version` is the signature's, where it is seen at once. */
export function encodeModelRecord({ pool, signature }: ModelRecord): Uint8Array {
  return toJson({ pool, version: signature.version, signature });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link ModelRecord}. */
export function decodeModelRecord(bytes: Uint8Array): ModelRecord {
  const record = fields(parseJson(bytes), "model record");
  return {
    pool: token(record["pool"], "pool"),
    signature: readSignature(record["signature"], "signature"),
  };
}
