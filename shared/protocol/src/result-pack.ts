import { fields, listOf, text, token, tokenOrEmpty, type Fields } from "./fields.ts";
import { frameFormat, readFrames } from "./frame-rows.ts";
import type { ReplyPack, ResultPack, ResultsAck } from "./messages.ts";
import { fromMsgpack, toMsgpack } from "./msgpack.ts";
import { encodePack } from "./encode-pack.ts";
import { decodePack } from "./pack.ts";

export function encodeResultPack({ worker, packId, model, version, frames }: ResultPack): Uint8Array {
  return encodePack(frameFormat, { worker, packId, model, version }, frames);
}

/** @throws {InferenceError} `invalidArgument` for anything but a {@link ResultPack}. */
export function decodeResultPack(bytes: Uint8Array): ResultPack {
  const pack = decodePack(bytes);
  return { ...readResultHead(pack.head), frames: readFrames(pack) };
}

/** @throws {InferenceError} `invalidArgument` for a head that no {@link ResultPack} has. */
export function readResultHead(head: Fields): Omit<ResultPack, "frames"> {
  return {
    worker: token(head["worker"], "worker"),
    packId: tokenOrEmpty(head["packId"] ?? "", "packId"),
    model: token(head["model"], "model"),
    version: text(head["version"], "version"),
  };
}

export function encodeReplyPack({ model, version, frames }: ReplyPack): Uint8Array {
  return encodePack(frameFormat, { model, version }, frames);
}

/**
 * Reads what a caller is told. A {@link ResultPack} is one too: the results service forwards it as it is where it can.
 * @throws {InferenceError} `invalidArgument` for anything but a {@link ReplyPack}.
 */
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
