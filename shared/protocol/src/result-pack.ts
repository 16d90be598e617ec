import { fields, listOf, text, token } from "./fields.ts";
import { frameFormat, readFrames } from "./frame-rows.ts";
import type { ReplyPack, ResultPack, ResultsAck } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import { encodePack } from "./encode-pack.ts";
import { decodePack } from "./pack.ts";

export function encodeResultPack({ worker, model, version, frames }: ResultPack): Uint8Array {
  return encodePack(frameFormat, { worker, model, version }, frames);
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link ResultPack}. */
export function decodeResultPack(bytes: Uint8Array): ResultPack {
  const pack = decodePack(bytes);
  return {
    worker: token(pack.head["worker"], "worker"),
    model: token(pack.head["model"], "model"),
    version: text(pack.head["version"], "version"),
    frames: readFrames(pack),
  };
}

export function encodeReplyPack({ model, version, frames }: ReplyPack): Uint8Array {
  return encodePack(frameFormat, { model, version }, frames);
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link ReplyPack}. */
export function decodeReplyPack(bytes: Uint8Array): ReplyPack {
  const pack = decodePack(bytes);
  return {
    model: token(pack.head["model"], "model"),
    version: text(pack.head["version"], "version"),
    frames: readFrames(pack),
  };
}

const ids = listOf(token);

export function encodeResultsAck({ instance, gone }: ResultsAck): Uint8Array {
  return toMsgpack({ instance, gone });
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link ResultsAck}. */
export function decodeResultsAck(bytes: Uint8Array): ResultsAck {
  const message = fields(fromMsgpack(bytes), "results ack");
  return { instance: token(message["instance"], "instance"), gone: ids(message["gone"], "gone") };
}
