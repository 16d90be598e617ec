import type { RequestPack } from "./messages.ts";
import { encodePack } from "./encode-pack.ts";
import { decodePack } from "./pack.ts";
import type { InferenceRequest } from "./request.ts";
import { readRequests, requestFormat } from "./request-rows.ts";

/** Writes what a client sends together to one model. */
export function encodeRequestPack(requests: readonly InferenceRequest[]): Uint8Array {
  return encodePack(requestFormat, {}, requests);
}

/**
 * Reads a pack of requests.
 * @throws {InferenceError} `invalidArgument` for anything else.
 */
export function decodeRequestPack(bytes: Uint8Array): RequestPack {
  return { requests: readRequests(decodePack(bytes)) };
}
